import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HTTP_REQUESTS_TABLE } from '../../../lib/definitions/index.ts';
import {
  type ClientUsage,
  createDynamoDbClientUsage,
  createDynamoDbRequestRecords,
  type HttpAnswer,
  type RequestClaim,
  type RequestRecords,
} from '../../../lib/http/index.ts';
import { createDynamoDbOutboxStore, type OutboxStore } from '../../../lib/outbox/index.ts';
import type { EpochMs, EpochSeconds } from '../../../lib/shared/time.ts';
import { createInMemoryOutboxStore } from '../../../lib/testing/in-memory-outbox-store.ts';
import {
  createInMemoryClientUsage,
  createInMemoryRequestRecords,
} from '../../../lib/testing/in-memory-request-records.ts';
import { createInMemoryTables } from '../../../lib/testing/index.ts';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';

/** 2026-11-20T06:00:00.000Z */
const NOW = 1_795_154_400_000 as EpochMs;

const CLAIM: RequestClaim = {
  id: 'requests#1',
  fingerprint: 'placed',
  owner: 'a',
  heldUntil: (NOW + 10_000) as EpochMs,
  now: NOW,
  expires: 1_795_240_800 as EpochSeconds,
};

const ANSWER: HttpAnswer = { status: 202, headers: { location: '/orders/1' }, body: '{"orderId":"1"}' };

let commits = 0;

interface Rig {
  readonly records: RequestRecords;
  readonly usage: ClientUsage;
  readonly store: OutboxStore;
}

function describeRequestRecords(adapter: string, open: () => Promise<Rig>): void {
  describe(`RequestRecords contract: ${adapter}`, () => {
    const complete = async ({ records, store }: Rig, claim: RequestClaim) =>
      store.commit({
        token: `${claim.owner}-${++commits}`,
        writes: [records.completion(claim, ANSWER)],
        heads: [],
        events: [],
      });

    it('claims a request once while its claim is held', async () => {
      const { records } = await open();

      expect(await records.claim(CLAIM)).toStrictEqual({ kind: 'claimed' });
      expect(await records.claim({ ...CLAIM, owner: 'b', fingerprint: 'other' })).toStrictEqual({
        kind: 'in-progress',
        fingerprint: 'placed',
        until: 1_795_154_410_000,
      });
    });

    it('takes the repetition of its own call for the claim that it is', async () => {
      const { records } = await open();
      await records.claim(CLAIM);

      expect(await records.claim(CLAIM)).toStrictEqual({ kind: 'claimed' });
    });

    it('lets another execution take over once the claim has ended, and refuses the first one', async () => {
      const rig = await open();
      await rig.records.claim(CLAIM);
      const later = { ...CLAIM, owner: 'b', now: (NOW + 10_001) as EpochMs, heldUntil: (NOW + 20_000) as EpochMs };

      expect(await rig.records.claim(later)).toStrictEqual({ kind: 'claimed' });
      expect(await complete(rig, CLAIM)).toMatchObject({ kind: 'condition-failed', index: 0 });
      expect(await rig.records.release(CLAIM)).toBe(false);
      expect(await complete(rig, later)).toStrictEqual({ kind: 'committed' });
    });

    it('answers a completed request until it expires', async () => {
      const rig = await open();
      await rig.records.claim(CLAIM);
      await complete(rig, CLAIM);
      const found = { kind: 'completed', fingerprint: 'placed', answer: ANSWER };

      expect(await rig.records.find('requests#1')).toStrictEqual(found);
      expect(await rig.records.claim({ ...CLAIM, owner: 'b', now: 1_795_240_800_000 as EpochMs })).toStrictEqual(found);
      expect(await rig.records.claim({ ...CLAIM, owner: 'b', now: 1_795_240_801_000 as EpochMs })).toStrictEqual({
        kind: 'claimed',
      });
    });

    it('refuses to complete a request twice, and to release a completed one', async () => {
      const rig = await open();
      await rig.records.claim(CLAIM);
      await complete(rig, CLAIM);

      expect(await rig.records.release(CLAIM)).toBe(false);
      expect(
        await rig.store.commit({
          token: `again-${++commits}`,
          writes: [rig.records.completion(CLAIM, ANSWER)],
          heads: [],
          events: [],
        }),
      ).toMatchObject({ kind: 'condition-failed' });
    });

    it('forgets a released request', async () => {
      const { records } = await open();
      await records.claim(CLAIM);

      expect(await records.release(CLAIM)).toBe(true);
      expect(await records.find('requests#1')).toBeUndefined();
      expect(await records.claim({ ...CLAIM, owner: 'b' })).toStrictEqual({ kind: 'claimed' });
    });

    it('grants no more than the limit of a window', async () => {
      const { usage } = await open();
      const lease = () => usage.lease({ id: 'clients#1', lease: 4, limit: 10, expires: 1_795_240_800 as EpochSeconds });

      expect([await lease(), await lease(), await lease(), await lease()]).toStrictEqual([4, 4, 2, 0]);
    });
  });
}

describeRequestRecords('memory', async () => {
  const tables = createInMemoryTables({ requests: HTTP_REQUESTS_TABLE });
  return {
    records: createInMemoryRequestRecords({ tables, tableName: 'requests' }),
    usage: createInMemoryClientUsage({ tables, tableName: 'requests' }),
    store: createInMemoryOutboxStore({ tables }),
  };
});

let engine: LocalDynamoDb;
let run = 0;

beforeAll(async () => {
  engine = await startLocalDynamoDb();
});
afterAll(() => engine.close());

describeRequestRecords('DynamoDB', async () => {
  const tableName = `requests-${++run}`;
  await engine.createTable(tableName, HTTP_REQUESTS_TABLE);
  const { client } = engine;
  return {
    records: createDynamoDbRequestRecords({ client, tableName }),
    usage: createDynamoDbClientUsage({ client, tableName }),
    store: createDynamoDbOutboxStore({ client, outboxTableName: 'outbox', pendingTableName: 'pending' }),
  };
});
