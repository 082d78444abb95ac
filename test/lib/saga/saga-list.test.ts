import { describe, expect, it } from 'vitest';
import { SAGAS_INDEX } from '../../../lib/definitions/index.ts';
import { createSagaReader, type SagaListing, type SagaStatus } from '../../../lib/saga/index.ts';
import type { TenantQuery } from '../../../lib/tenancy/index.ts';
import { createSagaRig } from './saga-rig.ts';
import { defineTrip, TripAbandoned, TripRequested } from './trip.ts';

/** Trips that begin two at a time, some seconds apart. */
async function createTrips(count: number) {
  const rig = createSagaRig(defineTrip());
  const ids = Array.from({ length: count }, (_, index) => `trip-${String(index).padStart(2, '0')}`);
  for (let first = 0; first < count; first += 2) {
    // of a pair the one that comes later in the list begins first
    for (const tripId of ids.slice(first, first + 2).toReversed()) await rig.when(TripRequested, { tripId });
    rig.harness.advance(1_000);
  }
  return { ...rig, ids };
}

const AT = ['2026-01-05T09:00:00.000Z', '2026-01-05T09:00:01.000Z', '2026-01-05T09:00:02.000Z'] as const;

/**
 * Running trips in an index as DynamoDB has it: without order among those that began at the same instant, in pages that
 * may be short.
 * @param trips name and start, in the order of the index
 */
function indexedTrips(trips: readonly (readonly [sagaId: string, startedAt: string])[], mostOfAPage = 1_000) {
  const { table } = createSagaRig(defineTrip());
  const queries: TenantQuery[] = [];
  const listings = trips.map(
    ([sagaId, startedAt]): SagaListing => ({ sagaId, status: 'running', version: 1, startedAt, since: startedAt }),
  );
  const reader = createSagaReader({
    ...table,
    async query(query) {
      const { indexName, sortFrom = '', limit = 100, after = '0' } = query;
      if (indexName !== SAGAS_INDEX.byStatus) return { items: [], next: undefined };
      queries.push(query);
      const wanted = listings.filter(({ startedAt }) => startedAt >= String(sortFrom));
      const end = Number(after) + Math.min(limit, mostOfAPage);
      const items = wanted.slice(Number(after), end).map((listing) => ({ kind: 'listing', listing }) as const);
      return { items, next: end < wanted.length ? String(end) : undefined };
    },
  });
  return { reader, queries };
}

type Trips = Awaited<ReturnType<typeof createTrips>>;

async function pagesOf({ reader }: Pick<Trips, 'reader'>, status: SagaStatus, limit: number) {
  const pages: string[][] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(status, { limit, ...(after === undefined ? {} : { after }) });
    pages.push(page.items.map(({ sagaId }) => sagaId));
    after = page.next;
  } while (after !== undefined);
  return pages;
}

/** Stores the listing as code from before the shards did. */
async function storeAsBefore({ table, harness }: Trips, sagaId: string): Promise<void> {
  const stored = harness.items('sagas').find((item) => item['item'] === 'listing' && item['sagaId'] === sagaId);
  const { statusShard: _shard, ...listing } = stored ?? {};
  await table.put({ Item: { ...listing, listedStatus: listing['status'] } });
}

describe('the list of a saga’s instances', () => {
  it('is spread over several partitions of its index', async () => {
    const { harness } = await createTrips(24);

    const listings = harness.items('sagas').filter(({ item }) => item === 'listing');

    expect(new Set(listings.map(({ statusShard }) => statusShard)).size).toBeGreaterThan(4);
    expect(listings.every(({ statusShard }) => /^running~[0-7]$/.test(String(statusShard)))).toBe(true);
    expect(listings.some((listing) => 'listedStatus' in listing)).toBe(false);
  });

  it.each([1, 2, 3, 7, 24, 1_000])(
    'returns each instance once, longest running first, in pages of %i',
    async (limit) => {
      const trips = await createTrips(24);

      const pages = await pagesOf(trips, 'running', limit);

      expect(pages.flat()).toStrictEqual(trips.ids);
      expect(pages.every((page) => page.length <= limit)).toBe(true);
    },
  );

  it('includes the items of older releases until their status changes', async () => {
    const trips = await createTrips(8);
    for (const sagaId of ['trip-01', 'trip-04', 'trip-05']) await storeAsBefore(trips, sagaId);

    expect((await pagesOf(trips, 'running', 3)).flat()).toStrictEqual(trips.ids);

    await trips.when(TripAbandoned, { tripId: 'trip-04' });

    expect((await pagesOf(trips, 'running', 3)).flat()).toStrictEqual(trips.ids.filter((id) => id !== 'trip-04'));
    expect((await pagesOf(trips, 'compensating', 3)).flat()).toStrictEqual(['trip-04']);
  });

  it('continues after a page although instances have changed', async () => {
    const trips = await createTrips(6);
    const { items, next } = await trips.reader.list('running', { limit: 3 });
    for (const { sagaId } of items) await trips.when(TripAbandoned, { tripId: sagaId });

    const rest = await trips.reader.list('running', { limit: 10, ...(next && { after: next }) });

    expect(rest.items.map(({ sagaId }) => sagaId)).toStrictEqual(['trip-03', 'trip-04', 'trip-05']);
  });

  it('continues after a page token of an older release', async () => {
    const trips = await createTrips(6);
    for (const sagaId of trips.ids) await storeAsBefore(trips, sagaId);
    const { next } = await trips.table.query({ indexName: 'by-status', partition: 'running', limit: 3 });

    const rest = await trips.reader.list('running', { limit: 10, ...(next && { after: next }) });

    expect(rest.items.map(({ sagaId }) => sagaId)).toStrictEqual(['trip-03', 'trip-04', 'trip-05']);
  });

  it.each([1, 2, 3, 5, 8])(
    'sorts instances that started at the same time by saga id, in pages of %i',
    async (limit) => {
      const trips = ['h', 'd', 'f', 'a', 'g', 'c', 'b', 'e'].map((sagaId) => [sagaId, AT[0]] as const);

      const pages = await pagesOf(indexedTrips(trips), 'running', limit);

      expect(pages.flat().join('')).toBe('abcdefgh');
      expect(pages).toHaveLength(Math.ceil(8 / limit));
    },
  );

  it.each([1, 2, 3, 4])('sorts by start time, then by saga id, in pages of %i', async (limit) => {
    const trips = indexedTrips([
      ['h', AT[0]],
      ['g', AT[0]],
      ['f', AT[1]],
      ['d', AT[1]],
      ['e', AT[1]],
      ['b', AT[2]],
      ['a', AT[2]],
    ]);

    expect((await pagesOf(trips, 'running', limit)).flat().join('')).toBe('ghdefab');
  });

  it('fills its pages even if the index returns short pages', async () => {
    const trips = ['c', 'a', 'b', 'f', 'd', 'e'].map(
      (sagaId, index) => [sagaId, AT[Math.floor(index / 3)] ?? ''] as const,
    );

    expect(await pagesOf(indexedTrips(trips, 1), 'running', 4)).toStrictEqual([
      ['a', 'b', 'c', 'd'],
      ['e', 'f'],
    ]);
  });

  it('has a next page only if more instances follow', async () => {
    const { reader } = indexedTrips(AT.map((startedAt, index) => [`trip-${index}`, startedAt] as const));

    const nextOf = async (limit: number) => (await reader.list('running', { limit })).next;

    expect(await nextOf(2)).toBeTypeOf('string');
    expect(await nextOf(3)).toBeUndefined();
    expect(await nextOf(4)).toBeUndefined();
  });

  it('reads the index from the end of the previous page until a later start time follows', async () => {
    const seconds = Array.from({ length: 9 }, (_, index) => `2026-01-05T09:00:0${index}.000Z`);
    const { reader, queries } = indexedTrips(seconds.map((startedAt, index) => [`trip-${index}`, startedAt] as const));

    const { next } = await reader.list('running', { limit: 2 });
    const second = await reader.list('running', { limit: 2, ...(next && { after: next }) });

    expect(second.items.map(({ sagaId }) => sagaId)).toStrictEqual(['trip-2', 'trip-3']);
    expect(queries.map(({ sortFrom, limit, after }) => [sortFrom, limit, after])).toStrictEqual([
      [undefined, 2, undefined],
      [undefined, 2, '2'],
      [seconds[1], 2, undefined],
      [seconds[1], 2, '2'],
    ]);
  });

  it('contains only the current tenant’s instances', async () => {
    const { when, reader, harness } = createSagaRig(defineTrip(), { tenancy: 'required' });
    for (const tenantId of ['acme', 'bolt']) {
      for (const tripId of ['1', '2']) await when(TripRequested, { tripId: `${tenantId}-${tripId}` }, { tenantId });
    }

    const listed = await harness.tenancy.runAsTenant('bolt', () => reader.list('running'));

    expect(listed.items.map(({ sagaId }) => sagaId)).toStrictEqual(['bolt-1', 'bolt-2']);
  });

  it.each([
    [
      'a status that there is not',
      'done' as SagaStatus,
      {},
      "status must be one of 'running', 'compensating', 'completed', 'compensated', 'compensation-failed', got 'done'",
    ],
    ['no items', 'running', { limit: 0 }, 'limit must be a whole number of instances from 1 to 1000, got 0'],
    ['half an item', 'running', { limit: 1.5 }, 'limit must be a whole number of instances from 1 to 1000, got 1.5'],
    ['too many', 'running', { limit: 1_001 }, 'limit must be a whole number of instances from 1 to 1000, got 1001'],
    [
      'what is no page',
      'running',
      { after: 'page 2' },
      "'after' must be the 'next' of a page of the same status, got 'page 2': omit it for the first page",
    ],
    [
      'a page of another status',
      'completed',
      { after: 'WyJydW5uaW5nIiwiMjAyNi0xMS0yMFQwNjowMDowMC4wMDBaIiwiMSJd' },
      "'after' must be the 'next' of a page of the same status, got 'WyJydW5uaW5nIiwiMjAyNi0xMS0yMFQwNjowMDowMC4wMDBaIiwiMSJd': omit it for the first page",
    ],
  ] as const)('rejects %s', async (_, status, page, message) => {
    const { reader } = createSagaRig(defineTrip());

    await expect(async () => reader.list(status, page)).rejects.toMatchObject({ code: 'SAGA_LIST_INVALID', message });
  });

  it.each<[string, unknown]>([
    ['no list', { status: 'running' }],
    ['an empty list', []],
    ['no time', ['running', 7, 'trip-1']],
    ['an empty time', ['running', '', 'trip-1']],
    ['no name', ['running', AT[0], 7]],
    ['an empty token of older code', [1, {}]],
    [
      'an old token of another status',
      [1, { listedStatus: { S: 'completed' }, startedAt: { S: AT[0] }, sagaId: { S: '1' } }],
    ],
    ['an old token without time', [1, { listedStatus: { S: 'running' }, sagaId: { S: '1' } }]],
    ['an old token without name', [1, { listedStatus: { S: 'running' }, startedAt: { S: AT[0] } }]],
  ])('rejects a page token with %s', async (_, content) => {
    const { reader } = createSagaRig(defineTrip());
    const after = Buffer.from(JSON.stringify(content)).toString('base64url');

    await expect(async () => reader.list('running', { after })).rejects.toMatchObject({ code: 'SAGA_LIST_INVALID' });
  });

  it('rejects a page token that is not a string', async () => {
    const { reader } = createSagaRig(defineTrip());

    await expect(async () => reader.list('running', { after: 7 as never })).rejects.toMatchObject({
      code: 'SAGA_LIST_INVALID',
      message: "'after' must be the 'next' of a page of the same status, got 7: omit it for the first page",
    });
  });
});
