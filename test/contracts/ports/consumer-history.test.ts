import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createConsumerHistoryRecorder,
  type HandlingSettings,
  readConsumerHistory,
} from '../../../lib/consumer/index.ts';
import { INBOX_TABLE } from '../../../lib/definitions/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';

const STRICT: HandlingSettings = { ordering: 'strict', inboxExpirySeconds: 10, cursorExpirySeconds: 20 };
const FIFO: HandlingSettings = { ...STRICT, ordering: 'fifo' };

let engine: LocalDynamoDb;
let run = 0;

beforeAll(async () => {
  engine = await startLocalDynamoDb();
});

afterAll(() => engine.close());

async function createTable() {
  run += 1;
  const tableName = `inbox-${run}`;
  await engine.createTable(tableName, INBOX_TABLE);
  const options = { client: engine.client, tableName, consumer: 'billing' };
  /** A container that begins, beside a queue that was created then. */
  const begin = (settings: HandlingSettings, createdAt: number, now: number) =>
    createConsumerHistoryRecorder({
      ...options,
      settings,
      queueCreatedAt: async () => createdAt as EpochMs,
      clock: { now: () => now as EpochMs },
    });
  return { begin, read: () => readConsumerHistory(options) };
}

describe('the history of a consumer in DynamoDB', () => {
  it('begins with its first queue, and keeps that date when the queue is replaced', async () => {
    const { begin, read } = await createTable();

    await begin(STRICT, 1_000, 2_000)();
    const renamed = await begin(STRICT, 9_000, 9_500)();

    expect(renamed).toStrictEqual({ startedAt: 1_000, periods: [{ ...STRICT, from: 1_000 }], revision: 1 });
    expect(await read()).toStrictEqual(renamed);
  });

  it('records each change of the settings once, even if several containers start together', async () => {
    const { begin, read } = await createTable();
    await begin(FIFO, 1_000, 1_000)();

    await Promise.all([begin(STRICT, 1_000, 5_000)(), begin(STRICT, 1_000, 5_000)(), begin(STRICT, 1_000, 5_000)()]);

    expect(await read()).toMatchObject({
      periods: [
        { ordering: 'fifo', from: 1_000 },
        { ordering: 'strict', from: 5_000 },
      ],
      revision: 2,
    });
  });

  it('is read once per container', async () => {
    const { begin } = await createTable();
    let asked = 0;
    const recorder = createConsumerHistoryRecorder({
      client: engine.client,
      tableName: `inbox-${run}`,
      consumer: 'shipping',
      settings: STRICT,
      queueCreatedAt: async () => {
        asked += 1;
        if (asked === 1) throw new Error('SQS does not answer');
        return 1_000 as EpochMs;
      },
      clock: { now: () => 2_000 as EpochMs },
    });
    await begin(STRICT, 1_000, 1_000)();

    await expect(recorder()).rejects.toThrow('SQS does not answer');
    await recorder();
    await recorder();

    expect(asked).toBe(2);
  });
});
