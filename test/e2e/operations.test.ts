import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import {
  ListMessageMoveTasksCommand,
  PurgeQueueCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../../cli/run-command.ts';
import { recordOf } from '../../lib/outbox/index.ts';
import type { EventBridgeFaults } from '../../local/eventbridge/eventbridge.ts';
import { type Bank, startBank } from './bank/start-bank.ts';
import { eventually } from './eventually.ts';

let busFaults: EventBridgeFaults = {};
let bank: Bank;

beforeAll(async () => {
  bank = await startBank({ eventBridge: { onDelivery: (delivery) => busFaults.onDelivery?.(delivery) } });
});

beforeEach(() => {
  busFaults = {};
});

afterAll(() => bank.close());

/** Runs a command as the terminal would, with the run's own time. */
async function waybill(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const options = {
    endpoint: bank.run.endpointUrl,
    region: bank.run.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  using clients = new DisposableStack();
  const opened = <Client extends { destroy(): void }>(client: Client) => clients.adopt(client, () => client.destroy());
  const status = await runCommand(args, {
    openClients: () => ({
      dynamoDb: opened(new DynamoDBClient(options)),
      sqs: opened(new SQSClient(options)),
      lambda: opened(new LambdaClient(options)),
      events: () => opened(new EventBridgeClient(options)),
    }),
    clock: bank.run.clock,
    // a command that waits for consumers gives them their time
    sleep: async (ms) => (ms < 1_000 ? undefined : bank.settle()),
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

async function opsJson(...args: readonly string[]) {
  const { text } = await waybill(...args, '--json');
  return JSON.parse(text);
}

const statesOf = async (...args: readonly string[]): Promise<Record<string, { readonly kind: string }>> => {
  const { consumers } = await opsJson('where', ...args);
  return Object.fromEntries(
    consumers.map(({ name, state }: { name: string; state: { kind: string } }) => [name, state]),
  );
};

/** Ids of a group's deposits in the order in which the accounts consumer handled them. */
async function handledInOrder(group: string): Promise<readonly string[]> {
  const changes = (await bank.outbox()).filter(
    (item) => item['partitionkey']?.S === group && item['type']?.S === 'com.example.account.balance-changed',
  );
  return changes
    .sort((a, b) => Number(a['sequence']?.N) - Number(b['sequence']?.N))
    .map((item) => JSON.parse(recordOf(item).body).data.depositId);
}

const deadLetters = () => {
  const { url, arn = '' } = bank.queue('accounts', 'DeadLetterQueue');
  return { url, arn, depth: () => bank.run.sqs.peek(arn).length };
};

describe('a redrive in stages', () => {
  it('stops by itself while the fix is wrong, handles all when it is right, and leaves no copy in the DLQ', async () => {
    await bank.unmend();
    const held = { behaviour: 'fail-until-mended' } as const;
    const groups = ['r1', 'r2', 'r3', 'r4'];
    const ids = await bank.publish(...groups.flatMap((accountId) => [{ accountId, ...held }, { accountId }]));
    await bank.settle();
    expect(deadLetters().depth()).toBe(4);
    const start = ['redrive', 'start', '--consumer', 'accounts', '--reason', 'mended', '--yes', '--stages', '1,2'];

    const wrong = await waybill(...start, '--json');
    expect(wrong.status).toBe(4);
    expect(JSON.parse(wrong.text)).toMatchObject({
      status: 'stopped',
      stop: { kind: 'failing', failed: 1, settled: 1 },
      tally: { outcomes: { failed: 1, open: 3 } },
    });
    await bank.settle();
    expect(deadLetters().depth()).toBe(5);

    await bank.mend();
    expect(await opsJson('redrive', 'plan', '--consumer', 'accounts')).toMatchObject({ canGo: 4, behind: 4 });
    const right = await waybill(...start, '--json');
    expect(JSON.parse(right.text)).toMatchObject({
      status: 'finished',
      tally: { outcomes: { handled: 4 } },
      tidied: { kind: 'tidied', deleted: 5, left: 0 },
    });
    expect(right.status).toBe(0);
    await bank.settle();
    expect(deadLetters().depth()).toBe(0);
    const effects = await bank.effects();
    expect(ids.map((id) => effects[id])).toStrictEqual(ids.map(() => 1));
    for (const [at, group] of groups.entries()) {
      expect(await handledInOrder(`account#${group}`)).toStrictEqual([ids[at * 2], ids[at * 2 + 1]]);
    }
    expect((await opsJson('redrive', 'list')).runs).toMatchObject([{ status: 'finished' }, { status: 'stopped' }]);
    await bank.unmend();
  });
});

describe('a dead letter', () => {
  it('holds its own group until it is skipped; then the group continues in order', async () => {
    const [dead = '', second = '', third = '', free = ''] = await bank.publish(
      { accountId: 'held', behaviour: 'fail-until-mended' },
      { accountId: 'held' },
      { accountId: 'held' },
      { accountId: 'free' },
    );
    await bank.settle();

    expect(deadLetters().depth()).toBe(1);
    expect(await handledInOrder('account#free')).toStrictEqual([free]);
    expect(await handledInOrder('account#held')).toStrictEqual([]);
    expect((await opsJson('held')).held).toMatchObject([
      {
        consumer: 'accounts',
        group: 'account#held',
        sequence: 1,
        eventId: dead,
        eventType: 'com.example.account.deposited',
        state: 'dead',
        attempts: 3,
        depth: 2,
        reason: { message: 'the account is locked' },
      },
    ]);
    expect(await statesOf(dead)).toMatchObject({
      accounts: { kind: 'dead', attempts: 3, note: { state: 'dead', holdsGroup: true } },
      audit: { kind: 'handled' },
    });
    expect(await statesOf(second, '--group', 'account#held')).toMatchObject({
      accounts: { kind: 'held', behind: { sequence: 1, eventId: dead, state: 'dead' } },
    });
    expect(await statesOf(free)).toMatchObject({ accounts: { kind: 'handled' }, audit: { kind: 'handled' } });

    const refused = await waybill(...skipping('2'));
    const unasked = await waybill(...skipping('1').filter((arg) => arg !== '--yes'));
    const skipped = await waybill(...skipping('1'));
    await bank.settle();

    expect(refused.status).toBe(1);
    expect(refused.errors).toContain('group account#held waits for event 1, not for this one');
    expect(unasked.status).toBe(2);
    expect(skipped.status).toBe(0);
    expect(await handledInOrder('account#held')).toStrictEqual([second, third]);
    expect((await opsJson('held')).held).toStrictEqual([]);
    expect(await statesOf('--group', 'account#held', '--sequence', '1')).toMatchObject({
      accounts: { kind: 'skipped', record: { by: 'ann@desk', reason: 'account was closed', eventId: dead } },
    });
    expect(await opsJson(...skipping('1'))).toMatchObject({ kind: 'skipped-before', resent: { kind: 'up-to-date' } });
  });

  it('that was skipped has no effect when it is redriven', async () => {
    await bank.mend();
    await bank.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: deadLetters().arn }));
    await eventually(async () => {
      bank.run.clock.advance(1_000);
      const { Results } = await bank.sqs.send(new ListMessageMoveTasksCommand({ SourceArn: deadLetters().arn }));
      expect(Results).toMatchObject([{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 1 }]);
    });
    await bank.settle();

    expect(deadLetters().depth()).toBe(0);
    expect(await handledInOrder('account#held')).toHaveLength(2);
    await bank.unmend();
  });

  it('that was purged is restored by a resend, and the group completes in order', async () => {
    const ids = await bank.publish(
      { accountId: 'purged', behaviour: 'fail-until-mended' },
      { accountId: 'purged', behaviour: 'fail-until-mended' },
      { accountId: 'purged' },
    );
    await bank.settle();
    await bank.sqs.send(new PurgeQueueCommand({ QueueUrl: deadLetters().url }));
    await bank.mend();

    const { status, text } = await waybill('resend', '--consumer', 'accounts', '--all-held');
    await bank.settle();

    expect(status).toBe(0);
    expect(text).toContain(`account#purged  resent event 1 (${ids[0]}), which the group waits for`);
    expect(deadLetters().depth()).toBe(0);
    expect(await handledInOrder('account#purged')).toStrictEqual(ids);
    expect((await opsJson('held')).held).toStrictEqual([]);
  });
});

describe('a pause of the relay', () => {
  it('leaves events in the outbox until it ends', async () => {
    for (const publisher of ['--relay', '--sweeper']) {
      expect((await waybill('pause', publisher, '--reason', 'the bus is moved')).status).toBe(0);
    }
    const [id = ''] = await bank.publish({ accountId: 'waiting' });
    // a relay that is not paused publishes within milliseconds
    await new Promise((resolve) => setTimeout(resolve, 500));

    expect(await bank.pending()).toHaveLength(1);
    expect((await opsJson('status')).outbox).toMatchObject({
      pending: { count: 1 },
      paused: { relay: {}, sweeper: {} },
    });

    for (const publisher of ['--relay', '--sweeper']) expect((await waybill('resume', publisher)).status).toBe(0);
    await bank.settle();

    expect(await bank.pending()).toHaveLength(0);
    expect(await handledInOrder('account#waiting')).toStrictEqual([id]);
  });
});

describe('an audit', () => {
  it('finds the last events of a group that the bus lost, and resends them', async () => {
    const accountsQueue = bank.queue('accounts', 'Queue').arn;
    busFaults = {
      onDelivery: ({ targetArn, event }) =>
        targetArn === accountsQueue && !JSON.stringify(event).includes('0000000000000001') ? { copies: 0 } : undefined,
    };
    const ids = await bank.publish({ accountId: 'lost' }, { accountId: 'lost' }, { accountId: 'lost' });
    await bank.settle();

    expect(await handledInOrder('account#lost')).toStrictEqual(ids.slice(0, 1));
    expect(await statesOf(ids[2] ?? '')).toMatchObject({ accounts: { kind: 'unknown' }, audit: { kind: 'handled' } });
    const young = await waybill('audit');
    const told = await waybill('audit', '--grace', '0', '--json');
    const resent = await waybill('audit', '--grace', '0', '--resend', '--json');
    await bank.settle();

    expect(young.status).toBe(0);
    expect(told.status).toBe(1);
    const missing = { consumer: 'accounts', processed: 1, seen: false, event: { group: 'account#lost', id: ids[2] } };
    expect(JSON.parse(told.text).found).toMatchObject([{ ...missing, resent: false }]);
    expect(resent.status).toBe(0);
    expect(JSON.parse(resent.text).found).toMatchObject([{ ...missing, resent: true }]);
    expect(await handledInOrder('account#lost')).toStrictEqual(ids);
    expect((await waybill('audit', '--grace', '0')).text).toContain('0 missing, 0 waiting');
  });
});

describe('npx waybill', () => {
  it('uses the endpoint that the SDK is configured with', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['cli/main.ts', 'held', '--json'], {
      env: {
        AWS_ENDPOINT_URL: bank.run.endpointUrl,
        AWS_REGION: bank.run.region,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
      },
    });

    expect(JSON.parse(stdout)).toStrictEqual({ environment: 'default', held: [] });
  });

  it('answers an assistant over stdio', async () => {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: ['cli/main.ts', 'mcp'],
      env: {
        AWS_ENDPOINT_URL: bank.run.endpointUrl,
        AWS_REGION: bank.run.region,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        NODE_OPTIONS: '--conditions=waybill-source',
      },
      stderr: 'ignore',
    });
    const client = new Client({ name: 'test', version: '1.0.0' });
    await client.connect(transport);
    await using opened = new AsyncDisposableStack();
    opened.defer(() => client.close());

    const held = await client.callTool({ name: 'list_held_groups', arguments: {} });
    const unknown = await client.callTool({ name: 'status', arguments: { consumer: 'billing' } });

    expect(held.content).toStrictEqual([{ type: 'text', text: '{"environment":"default","held":[]}' }]);
    expect(unknown).toMatchObject({
      isError: true,
      content: [{ text: "environment 'default' has no consumer 'billing': choose one of accounts, audit" }],
    });
  });

  it('lists the existing consumers if a consumer is unknown', async () => {
    const { status, errors } = await waybill('held', '--consumer', 'billing');

    expect(status).toBe(1);
    expect(errors).toBe("environment 'default' has no consumer 'billing': choose one of accounts, audit");
  });
});

const skipping = (sequence: string) =>
  [
    'skip',
    '--consumer',
    'accounts',
    '--group',
    'account#held',
    '--sequence',
    sequence,
    '--reason',
    'account was closed',
    '--yes',
  ] as const;
