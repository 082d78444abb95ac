import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../../cli/run-command.ts';
import { createDynamoDbFailureNotes } from '../../lib/consumer/index.ts';
import { recordOf } from '../../lib/outbox/index.ts';
import type { EventBridgeFaults } from '../../local/eventbridge/eventbridge.ts';
import { type HeldToPolicy, heldToPolicy } from '../fixtures/held-to-policy.ts';
import { type Bank, startBank } from './bank/start-bank.ts';

let busFaults: EventBridgeFaults = {};
let bank: Bank;

beforeAll(async () => {
  bank = await startBank({ eventBridge: { onDelivery: (delivery) => busFaults.onDelivery?.(delivery) } });
});

afterAll(() => bank.close());

/** Runs a command as the terminal would, held to a policy. */
async function run(args: readonly string[], policy?: HeldToPolicy) {
  const out: string[] = [];
  const err: string[] = [];
  const options = {
    endpoint: bank.run.endpointUrl,
    region: bank.run.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  using clients = new DisposableStack();
  const opened = <Client extends DynamoDBClient | SQSClient | LambdaClient | SSMClient | EventBridgeClient>(
    client: Client,
  ) => {
    clients.adopt(client, () => client.destroy());
    return policy === undefined ? client : policy.hold(client);
  };
  const status = await runCommand(args, {
    openClients: () => ({
      dynamoDb: opened(new DynamoDBClient(options)),
      sqs: opened(new SQSClient(options)),
      lambda: opened(new LambdaClient(options)),
      ssm: () => opened(new SSMClient(options)),
      events: () => opened(new EventBridgeClient(options)),
    }),
    clock: bank.run.clock,
    // a redrive waits for its consumer
    sleep: () => new Promise((resolve) => setTimeout(resolve, 10)),
    console: {
      isTerminal: false,
      line: (text) => void out.push(text),
      note: (text) => void err.push(text),
      progress: () => undefined,
      confirm: async () => undefined,
    },
    operator: 'ann@desk',
  });
  return { status, text: out.join('\n'), errors: err.join('\n') };
}

const refused: string[] = [];

/** Runs command lines of one command under its own policy. @returns what the policy allows and none has needed */
async function unusedRightsOf(command: string, ...lines: readonly (readonly string[])[]): Promise<readonly string[]> {
  const { text } = await run(['iam', command, '--json']);
  const policy = heldToPolicy(JSON.parse(text), { region: bank.run.region, accountId: '000000000000' });
  for (const line of lines) {
    const { errors } = await run([command, ...line], policy);
    refused.push(...(/the policy does not allow[^\n]*/.exec(errors) ?? []).map((text) => `${command}: ${text}`));
  }
  return policy.unused();
}

const GROUP = ['--consumer', 'accounts', '--group', 'account#held'];
const REASON = ['--reason', 'a test'];

/** What the commands are to find: a held group, a lost event, one that fails where it is not in order, and others. */
async function makeTrouble(): Promise<Readonly<Record<'held' | 'free' | 'lost' | 'half', string>>> {
  const failing = { behaviour: 'fail-until-mended' } as const;
  const [held = ''] = await bank.publish({ accountId: 'held', ...failing }, { accountId: 'held' });
  const [free = ''] = await bank.publish({ accountId: 'free' }, { accountId: 'free' });
  await bank.settle();
  busFaults = {
    onDelivery: ({ targetArn }) => (targetArn === bank.queue('accounts', 'Queue').arn ? { copies: 0 } : undefined),
  };
  const [lost = ''] = await bank.publish({ accountId: 'lost' });
  await bank.settle();
  busFaults = { onDelivery: () => ({ copies: 0 }) };
  const [half = ''] = await bank.publish({ accountId: 'half' });
  await bank.settle();
  busFaults = {};
  const record = { client: bank.dynamoDb, tableName: bank.hubTable('Inbox') ?? '', consumer: 'audit' };
  const notes = createDynamoDbFailureNotes({ ...record, expirySeconds: 9_000, clock: bank.run.clock });
  const event = { source: '/bank', type: 'com.example.account.deposited', group: 'account#half', sequence: 1 };
  await notes.record({
    ...{ subject: half, event, code: 'Error', message: 'no', stackHead: 'Error: no', thrownAt: undefined },
    ...{ attempts: 1, state: 'dead', holdsGroup: false },
  });
  const { url } = bank.queue('accounts', 'UndeliverableQueue');
  const { Item } = await bank.dynamoDb.send(
    new GetItemCommand({ TableName: bank.hubTable('Outbox'), Key: placeOf('lost', 1) }),
  );
  for (const body of [Item === undefined ? '' : recordOf(Item).body, 'not an event']) {
    await bank.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
  }
  return { held, free, lost, half };
}

/** A dead letter that would be handled now, the copy of one that was skipped, and a message that holds no event. */
async function makeRedrivable(): Promise<readonly (readonly string[])[]> {
  await bank.publish({ accountId: 'again', behaviour: 'fail-until-mended' });
  await bank.settle();
  await bank.mend();
  const { url } = bank.queue('accounts', 'DeadLetterQueue');
  const junk = { MessageBody: 'not an event', MessageGroupId: 'junk', MessageDeduplicationId: 'junk' };
  await bank.sqs.send(new SendMessageCommand({ QueueUrl: url, ...junk }));
  const of = ['--consumer', 'accounts'];
  return [['plan', ...of], ['start', ...of, ...REASON, '--yes'], ['list'], ['tidy', ...of]];
}

/** As if the bus had refused the event. */
const quarantine = (account: string) =>
  bank.dynamoDb.send(
    new PutItemCommand({
      TableName: bank.hubTable('Pending'),
      Item: {
        ...placeOf(account, 1),
        committedAt: { N: '1' },
        quarantined: { M: { code: { S: 'MalformedDetail' }, message: { S: 'no' }, at: { N: '1' } } },
      },
    }),
  );

const placeOf = (account: string, sequence: number) => ({
  partitionkey: { S: `account#${account}` },
  sequence: { N: String(sequence) },
});

const deleteFromLog = (account: string, sequence: number) =>
  bank.dynamoDb.send(new DeleteItemCommand({ TableName: bank.hubTable('Outbox'), Key: placeOf(account, sequence) }));

it('every command needs what waybill iam prints for it, and nothing more', async () => {
  const { held, free, lost, half } = await makeTrouble();
  const unused: Record<string, readonly string[]> = {
    status: await unusedRightsOf('status', []),
    held: await unusedRightsOf('held', []),
    failures: await unusedRightsOf('failures', [], ['list', '--each'], ['show', held], ['show', half]),
    where: await unusedRightsOf(
      'where',
      [held],
      ['--group', 'account#held', '--sequence', '2'],
      [lost, '--group', 'account#lost'],
      [free],
      ['0193-nobody'],
    ),
    trace: await unusedRightsOf('trace', ['--event', held], ['--event', lost]),
    deliver: await unusedRightsOf('deliver', ['--consumer', 'accounts']),
    pause: await unusedRightsOf(
      'pause',
      ['--consumer', 'accounts', '--group', 'account#free', ...REASON],
      ['--consumer', 'audit', ...REASON],
      ['--relay', ...REASON],
      ['--sweeper', ...REASON],
      ['list'],
    ),
  };
  // a consumer that is paused never settles
  const resumed = await run(['resume', '--consumer', 'audit']);
  for (const publisher of ['--relay', '--sweeper']) await run(['resume', publisher]);
  await bank.publish({ accountId: 'free' });
  await bank.settle();
  await run(['pause', '--consumer', 'audit', ...REASON]);
  Object.assign(unused, {
    resume: await unusedRightsOf(
      'resume',
      ['--consumer', 'accounts', '--group', 'account#free'],
      ['--consumer', 'audit'],
      ['--relay'],
      ['--sweeper'],
    ),
    resend: await unusedRightsOf(
      'resend',
      GROUP,
      ['--consumer', 'accounts', '--group', 'account#lost'],
      ['--consumer', 'accounts', '--all-held'],
    ),
    keep: await unusedRightsOf(
      'keep',
      [...GROUP, '--days', '9'],
      ['--consumer', 'accounts', '--all-held', '--days', '9'],
    ),
    settings: await unusedRightsOf('settings', ['set', 'maxAttempts=2', ...REASON], [], ['unset', 'maxAttempts']),
  });
  const skip = [...GROUP, '--sequence', '1', ...REASON, '--yes'];
  Object.assign(unused, { skip: await unusedRightsOf('skip', skip, skip) });
  // before its first run a consumer has no history, and its queue says since when it is there
  await bank.dynamoDb.send(
    new DeleteItemCommand({ TableName: bank.hubTable('Inbox'), Key: { id: { S: 'accounts#start' } } }),
  );
  Object.assign(unused, { audit: await unusedRightsOf('audit', ['--grace', '0', '--resend']) });
  await quarantine('half');
  Object.assign(unused, {
    redrive: await unusedRightsOf('redrive', ...(await makeRedrivable())),
    republish: await unusedRightsOf('republish', ['list'], ['--all', ...REASON]),
    trail: await unusedRightsOf('trail', []),
  });
  await deleteFromLog('free', 0);
  await deleteFromLog('free', 1);
  Object.assign(unused, { heads: await unusedRightsOf('heads', [...REASON, '--apply']) });
  await deleteFromLog('free', 2);
  Object.assign(unused, {
    fill: await unusedRightsOf('fill', ['--group', 'account#free', '--from', '2', ...REASON, '--yes']),
  });

  expect(resumed.status).toBe(0);
  const needless = Object.entries(unused).filter(([, rights]) => rights.length > 0);
  expect({ refused, needless }).toStrictEqual({ refused: [], needless: [] });
});
