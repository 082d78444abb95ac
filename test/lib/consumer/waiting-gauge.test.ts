import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Blocker,
  createDynamoDbCursorStore,
  createDynamoDbWaitingGroups,
  createWaitingGauge,
} from '../../../lib/consumer/index.ts';
import { CURSORS_TABLE } from '../../../lib/definitions/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';

let engine: LocalDynamoDb;
let run = 0;

beforeAll(async () => {
  engine = await startLocalDynamoDb();
});

afterAll(() => engine.close());

const NEW = { processed: 0, seen: 0, blockedBy: undefined, generation: 0, revision: 0 };
const blockedBy = (since: number, state: Blocker['state']): Blocker => ({
  sequence: 1,
  since: since as EpochMs,
  attempts: 1,
  reason: { code: 'Error', message: 'no' },
  state,
  permanent: false,
});

async function createCursors() {
  run += 1;
  const tableName = `cursors-gauge-${run}`;
  const { client } = engine;
  await engine.createTable(tableName, CURSORS_TABLE);
  const wait = (consumer: string, group: string, since: number, state: Blocker['state']) =>
    createDynamoDbCursorStore({
      client,
      tableName,
      consumer,
      expirySeconds: 60,
      clock: { now: () => 0 as EpochMs },
      sleep: async () => undefined,
      random: () => 0,
    }).save(group, NEW, { ...NEW, blockedBy: blockedBy(since, state) });
  const pause = (consumer: string, group: string, since: number) =>
    createDynamoDbCursorStore({
      client,
      tableName,
      consumer,
      expirySeconds: 60,
      clock: { now: () => 0 as EpochMs },
      sleep: async () => undefined,
      random: () => 0,
    }).save(group, NEW, { ...NEW, paused: { since: since as EpochMs, by: 'ann', reason: 'looking at it' } });
  /** As code from before the shards wrote it. */
  const waitAsBefore = (consumer: string, group: string, since: number) =>
    client.send(
      new PutItemCommand({
        TableName: tableName,
        Item: {
          id: { S: `${consumer}#${group}` },
          consumer: { S: consumer },
          group: { S: group },
          waitingConsumer: { S: consumer },
          waitingSince: { N: String(since) },
          processed: { N: '0' },
          seen: { N: '1' },
          generation: { N: '0' },
          revision: { N: '1' },
          waitingFor: {
            M: {
              sequence: { N: '1' },
              since: { N: String(since) },
              attempts: { N: '1' },
              reason: { M: { code: { S: 'Error' }, message: { S: 'no' } } },
              state: { S: 'dead' },
              permanent: { BOOL: false },
            },
          },
        },
      }),
    );
  return { client, tableName, wait, pause, waitAsBefore };
}

describe('the groups that wait', () => {
  it('are listed of all shards and of the index of older code, longest first, each once', async () => {
    const { client, tableName, wait, waitAsBefore } = await createCursors();
    for (let group = 1; group <= 40; group++) await wait('billing', `order#${group}`, 1_000 + group, 'retrying');
    await waitAsBefore('billing', 'order#old', 1_020.5);
    await wait('shipping', 'order#1', 1, 'dead');

    const listed: string[] = [];
    for await (const page of createDynamoDbWaitingGroups({ client, tableName, consumer: 'billing' }).list()) {
      listed.push(...page.map(({ group }) => group));
    }

    expect(listed).toStrictEqual([
      ...Array.from({ length: 20 }, (_, index) => `order#${index + 1}`),
      'order#old',
      ...Array.from({ length: 20 }, (_, index) => `order#${index + 21}`),
    ]);
  });

  it('are counted for every consumer, and a run that has no time left goes on at the next', async () => {
    const { client, tableName, wait, waitAsBefore } = await createCursors();
    for (let group = 1; group <= 3; group++) await wait('billing', `order#${group}`, 4_000 + group, 'retrying');
    await wait('shipping', 'order#1', 9_000, 'dead');
    await waitAsBefore('billing', 'order#old', 2_000);
    const told: string[] = [];
    const warned: string[] = [];
    let now = 10_000;
    const gauge = createWaitingGauge({
      client,
      tableName,
      pageItems: 1,
      // each look at the clock takes a second
      clock: {
        now: () => {
          now += 1_000;
          return now as EpochMs;
        },
      },
      metricsOf: (consumer) => ({
        addMetric: (name, _, value) => void told.push(`${consumer} ${name} ${name === 'OldestWaitAge' ? 'ms' : value}`),
        publishStoredMetrics: () => undefined,
      }),
      logger: { warn: (message) => void warned.push(message) },
    });

    await gauge.run(3_000);
    const toldBefore = [...told];
    await gauge.run(60_000);

    expect(toldBefore).toStrictEqual([]);
    expect(warned).toStrictEqual(['not enough time to count all waiting groups: the next run continues']);
    expect(told.toSorted()).toStrictEqual([
      'billing HeldGroups 1',
      'billing OldestWaitAge ms',
      'billing WaitingGroups 4',
      'shipping HeldGroups 1',
      'shipping OldestWaitAge ms',
      'shipping WaitingGroups 1',
    ]);
  });

  it('are counted apart from those that operators have paused', async () => {
    const { client, tableName, wait, pause } = await createCursors();
    await wait('billing', 'order#1', 5_000, 'retrying');
    await pause('billing', 'order#2', 2_000);
    await pause('billing', 'order#3', 4_000);
    await pause('mail', 'order#2', 9_000);
    const told: string[] = [];

    await createWaitingGauge({
      client,
      tableName,
      clock: { now: () => 10_000 as EpochMs },
      metricsOf: (consumer) => ({
        addMetric: (name, _, value) => void told.push(`${consumer} ${name} ${value}`),
        publishStoredMetrics: () => undefined,
      }),
      logger: { warn: () => undefined },
    }).run(60_000);

    expect(told.toSorted()).toStrictEqual([
      'billing HeldGroups 0',
      'billing OldestPauseAge 8000',
      'billing OldestWaitAge 5000',
      'billing PausedGroups 2',
      'billing WaitingGroups 1',
      'mail OldestPauseAge 1000',
      'mail PausedGroups 1',
    ]);
  });
});
