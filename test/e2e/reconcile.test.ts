import { DeleteItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../cli/run-command.ts';
import { type Bank, startBank } from './bank/start-bank.ts';

interface Found {
  readonly kind: string;
  readonly consumer?: string;
  readonly group: string;
  readonly from: number;
  readonly to: number;
}

let bank: Bank;
let lambda: LambdaClient;
let eventBridge: EventBridgeClient;

beforeAll(async () => {
  bank = await startBank();
  const options = {
    endpoint: bank.run.endpointUrl,
    region: bank.run.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  lambda = new LambdaClient(options);
  eventBridge = new EventBridgeClient(options);
});

afterAll(async () => {
  lambda?.destroy();
  eventBridge?.destroy();
  await bank?.close();
});

async function command(
  ...args: readonly string[]
): Promise<{ readonly found: readonly Found[]; readonly text: string }> {
  const lines: string[] = [];
  await runCommand(args, {
    openClients: () => ({ lambda, dynamoDb: bank.dynamoDb, sqs: bank.sqs }),
    clock: bank.run.clock,
    sleep: async () => undefined,
    console: {
      isTerminal: false,
      line: (text) => void lines.push(text),
      note: (text) => void lines.push(text),
      progress: () => undefined,
      confirm: async () => true,
    },
    operator: 'ann',
  });
  const text = lines.join('\n');
  return { text, found: args.includes('--json') ? (JSON.parse(lines[0] ?? '{}').findings ?? []) : [] };
}

/** What a whole pass finds in the group of an account. */
async function foundIn(accountId: string): Promise<readonly string[]> {
  const { found } = await command(
    ...['reconcile', 'run', '--grace', '0', '--deployment', '0', '--confirm', '0', '--rate', '100000', '--json'],
  );
  return found
    .filter(({ group }) => group === `account#${accountId}`)
    .map(({ kind, consumer = 'the log', from, to }) => `${kind} ${consumer} ${from}-${to}`)
    .toSorted();
}

async function removalsOf(table: string, prefix: string): Promise<readonly DeleteItemCommand[]> {
  const TableName = bank.hubTable(table);
  const { Items = [] } = await bank.dynamoDb.send(new ScanCommand({ TableName, ConsistentRead: true }));
  return Items.filter(({ id }) => id?.S?.startsWith(prefix)).map(
    ({ id }) => new DeleteItemCommand({ TableName, Key: { id: id ?? { S: '' } } }),
  );
}

const purge = (consumer: 'accounts', role: 'Queue' | 'DeadLetterQueue') =>
  bank.sqs.send(new PurgeQueueCommand({ QueueUrl: bank.queue(consumer, role).url }));

describe('the reconciliation of a deployed hub', () => {
  it('finds nothing in what was handled, with the function that is deployed', async () => {
    await bank.publish({ accountId: 'well' }, { accountId: 'well' });
    await bank.settle();

    expect(await foundIn('well')).toStrictEqual([]);
    const FunctionName = bank.run.deployment.outputs.get('BankHub')?.get('HubReconcilerFunctionName');
    const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName }));
    expect(FunctionError).toBeUndefined();
    expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toMatchObject({ kind: 'done', openFindings: 0 });
    expect(bank.run.permissions.refusals()).toStrictEqual([]);
  });

  it('finds an event that was dropped on the bus without a trace, and audit brings it back', async () => {
    const path = 'Bank/accounts/Rule/Resource';
    const { ruleName: Name, busName: EventBusName } =
      bank.run.deployment.rules.find(({ constructPath }) => constructPath === path) ?? {};
    await bank.publish({ accountId: 'bus' });
    await bank.settle();
    await eventBridge.send(new DisableRuleCommand({ Name, EventBusName }));
    await bank.publish({ accountId: 'bus' });
    await bank.settle();
    await eventBridge.send(new EnableRuleCommand({ Name, EventBusName }));

    expect(await foundIn('bus')).toContain('never-arrived accounts 3-3');

    await command('audit', '--consumer', 'accounts', '--grace', '0', '--resend');
    await bank.settle();
    expect(await foundIn('bus')).toStrictEqual([]);
  });

  it('finds a dead letter that was purged, and the events behind it', async () => {
    await bank.publish({ accountId: 'purged', behaviour: 'fail-until-mended' }, { accountId: 'purged' });
    await bank.settle();
    expect(await foundIn('purged')).toStrictEqual([]);

    await purge('accounts', 'DeadLetterQueue');

    expect(await foundIn('purged')).toContain('message-gone accounts 1-2');
  });

  it('finds a cursor that was deleted', async () => {
    await bank.publish({ accountId: 'cursor' });
    await bank.settle();
    for (const removal of await removalsOf('Cursors', 'accounts#account#cursor')) await bank.dynamoDb.send(removal);

    expect((await foundIn('cursor'))[0]).toMatch(/^cursor-gone accounts 1-/);
  });

  it('finds an item that was deleted from the log', async () => {
    await bank.publish({ accountId: 'log' }, { accountId: 'log' }, { accountId: 'log' });
    await bank.settle();
    const TableName = bank.hubTable('Outbox');
    await bank.dynamoDb.send(
      new DeleteItemCommand({ TableName, Key: { partitionkey: { S: 'account#log' }, sequence: { N: '2' } } }),
    );

    expect(await foundIn('log')).toStrictEqual(['log-hole the log 2-2']);
  });

  it('finds a pending marker whose event is not in the log', async () => {
    await bank.dynamoDb.send(
      new PutItemCommand({
        TableName: bank.hubTable('Pending'),
        Item: { partitionkey: { S: 'account#marker' }, sequence: { N: '1' }, committedAt: { N: '1700000000000' } },
      }),
    );

    expect(await foundIn('marker')).toStrictEqual(['event-gone the log 1-1']);
    expect((await command('reconcile', 'show')).text).toContain('event-gone');
  });
});
