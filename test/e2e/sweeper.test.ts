import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bank, startBank } from './bank/start-bank.ts';
import { eventually } from './eventually.ts';

const HOUR_MS = 3_600_000;

/** What came onto the bus: group and sequence, in order. */
const published: string[] = [];
/** Whether the bus takes nothing. */
let isBusDown = false;
let bank: Bank;
let lambda: LambdaClient;
let eventBridge: EventBridgeClient;
let s3: S3Client;

beforeAll(async () => {
  bank = await startBank({
    eventBridge: {
      onPutEventsEntry: ({ Detail }) => {
        if (isBusDown) return { ErrorCode: 'InternalFailure', ErrorMessage: 'the bus is down' };
        const { partitionkey, sequence, type } = JSON.parse(String(Detail));
        if (type === 'com.example.account.deposited') published.push(`${partitionkey} ${Number(sequence)}`);
        return undefined;
      },
    },
  });
  const options = {
    endpoint: bank.run.endpointUrl,
    region: bank.run.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  lambda = new LambdaClient(options);
  eventBridge = new EventBridgeClient(options);
  s3 = new S3Client({ ...options, forcePathStyle: true });
});

afterAll(async () => {
  lambda?.destroy();
  eventBridge?.destroy();
  s3?.destroy();
  await bank?.close();
});

async function switchRelay(Enabled: boolean): Promise<void> {
  const streamMapping = bank.run.deployment.mappings.find(({ eventSourceArn }) => eventSourceArn.includes('/stream/'));
  await lambda.send(new UpdateEventSourceMappingCommand({ UUID: streamMapping?.physicalId, Enabled }));
}

async function switchSweeper(enabled: boolean): Promise<void> {
  const Name = bank.run.deployment.rules.find(({ constructPath }) => constructPath.includes('/Sweeper/'))?.ruleName;
  await eventBridge.send(enabled ? new EnableRuleCommand({ Name }) : new DisableRuleCommand({ Name }));
}

async function failedRecords(): Promise<number> {
  const { physicalId: Bucket } =
    bank.run.deployment.resources.find(({ constructPath }) => constructPath.includes('/FailedRecords/')) ?? {};
  return (await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount ?? 0;
}

describe('the sweeper', () => {
  it('publishes in order the events that expired from the stream before the relay read them', async () => {
    await switchRelay(false);
    await switchSweeper(false);
    const ids: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      ids.push(...(await bank.publish({ accountId: 'a' }, { accountId: 'b' }, { accountId: 'a' })));
    }
    bank.run.clock.advance(25 * HOUR_MS);
    const pendingMeanwhile = await bank.pending();

    await switchSweeper(true);
    bank.run.clock.advance(60_000);
    await eventually(async () => expect(await depositsPending()).toBe(0));
    await switchRelay(true);
    await bank.settle();

    expect(pendingMeanwhile).toHaveLength(12);
    expect(published.filter((place) => place.startsWith('account#a'))).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map((sequence) => `account#a ${sequence}`),
    );
    expect(published.filter((place) => place.startsWith('account#b'))).toEqual(
      [1, 2, 3, 4].map((sequence) => `account#b ${sequence}`),
    );
    expect(await bank.effects()).toEqual(Object.fromEntries(ids.map((id) => [id, 1])));
    expect(await bank.pending()).toEqual([]);
    expect(bank.run.permissions.refusals()).toEqual([]);
  });

  it('publishes the events that the relay discarded: no one has to read the bucket', async () => {
    isBusDown = true;
    await switchSweeper(false);
    const ids = await bank.publish({ accountId: 'c' }, { accountId: 'c' });
    await eventually(async () => {
      bank.run.clock.advance(HOUR_MS);
      expect(await failedRecords()).toBeGreaterThan(0);
    });
    isBusDown = false;
    const [later = ''] = await bank.publish({ accountId: 'c' });
    await bank.settle();
    const pendingMeanwhile = await bank.pending();

    await switchSweeper(true);
    bank.run.clock.advance(60_000);
    await eventually(async () => expect(await depositsPending()).toBe(0));
    await bank.settle();

    expect(pendingMeanwhile.map(({ id }) => id?.S)).toEqual([...ids]);
    expect(published.filter((place) => place.startsWith('account#c'))).toEqual([
      'account#c 3',
      'account#c 1',
      'account#c 2',
    ]);
    // strict: the third had the first two taken from the log
    expect(await bank.effects()).toMatchObject(Object.fromEntries([...ids, later].map((id) => [id, 1])));
    expect(await bank.pending()).toEqual([]);
  });
});

const depositsPending = async (): Promise<number> =>
  (await bank.pending()).filter(({ type }) => type?.S === 'com.example.account.deposited').length;
