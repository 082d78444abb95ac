import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Bank, startBank } from './bank/start-bank.ts';

const HOUR_MS = 3_600_000;

/** What came onto the bus: group and sequence, in order. */
const published: string[] = [];
let bank: Bank;
let lambda: LambdaClient;
let eventBridge: EventBridgeClient;

beforeAll(async () => {
  bank = await startBank({
    eventBridge: {
      onPutEventsEntry: ({ Detail }) => {
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
});

afterAll(async () => {
  lambda?.destroy();
  eventBridge?.destroy();
  await bank?.close();
});

async function switchRelay(Enabled: boolean): Promise<void> {
  const streamMapping = bank.run.deployment.mappings.find(({ eventSourceArn }) => eventSourceArn.includes('/stream/'));
  await lambda.send(new UpdateEventSourceMappingCommand({ UUID: streamMapping?.physicalId, Enabled }));
}

const scheduleName = () =>
  bank.run.deployment.rules.find(({ scheduleExpression }) => scheduleExpression !== undefined)?.ruleName;

describe('the sweeper', () => {
  it('publishes in order what the stream has forgotten while nobody carried it', async () => {
    await switchRelay(false);
    await eventBridge.send(new DisableRuleCommand({ Name: scheduleName() }));
    const ids: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      ids.push(...(await bank.publish({ accountId: 'a' }, { accountId: 'b' }, { accountId: 'a' })));
    }
    bank.run.clock.advance(25 * HOUR_MS);
    const pendingMeanwhile = await bank.pending();

    await eventBridge.send(new EnableRuleCommand({ Name: scheduleName() }));
    bank.run.clock.advance(60_000);
    await vi.waitFor(async () => expect(await depositsPending()).toBe(0), { timeout: 20_000 });
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
});

const depositsPending = async (): Promise<number> =>
  (await bank.pending()).filter(({ type }) => type?.S === 'com.example.account.deposited').length;
