import { describe, expect, it } from 'vitest';
import type { SagaStatus } from '../../../lib/saga/index.ts';
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

  it.each([1, 2, 3, 7, 24, 1_000])('comes longest-running first, each instance once, by pages of %i', async (limit) => {
    const trips = await createTrips(24);

    const pages = await pagesOf(trips, 'running', limit);

    expect(pages.flat()).toStrictEqual(trips.ids);
    expect(pages.every((page) => page.length <= limit)).toBe(true);
  });

  it('holds what older code has stored, among all others, until its status changes', async () => {
    const trips = await createTrips(8);
    for (const sagaId of ['trip-01', 'trip-04', 'trip-05']) await storeAsBefore(trips, sagaId);

    expect((await pagesOf(trips, 'running', 3)).flat()).toStrictEqual(trips.ids);

    await trips.when(TripAbandoned, { tripId: 'trip-04' });

    expect((await pagesOf(trips, 'running', 3)).flat()).toStrictEqual(trips.ids.filter((id) => id !== 'trip-04'));
    expect((await pagesOf(trips, 'compensating', 3)).flat()).toStrictEqual(['trip-04']);
  });

  it('goes on from a page although its instances have changed since', async () => {
    const trips = await createTrips(6);
    const { items, next } = await trips.reader.list('running', { limit: 3 });
    for (const { sagaId } of items) await trips.when(TripAbandoned, { tripId: sagaId });

    const rest = await trips.reader.list('running', { limit: 10, ...(next && { after: next }) });

    expect(rest.items.map(({ sagaId }) => sagaId)).toStrictEqual(['trip-03', 'trip-04', 'trip-05']);
  });

  it('goes on from a page that older code has given', async () => {
    const trips = await createTrips(6);
    for (const sagaId of trips.ids) await storeAsBefore(trips, sagaId);
    const { next } = await trips.table.query({ indexName: 'by-status', partition: 'running', limit: 3 });

    const rest = await trips.reader.list('running', { limit: 10, ...(next && { after: next }) });

    expect(rest.items.map(({ sagaId }) => sagaId)).toStrictEqual(['trip-03', 'trip-04', 'trip-05']);
  });

  it('stays each tenant’s own', async () => {
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
    [
      'what is no page',
      'running',
      { after: 'page 2' },
      "'after' must be 'next' of the page before, of the same status, got 'page 2': leave it out for the first page",
    ],
    [
      'a page of another status',
      'completed',
      { after: 'WyJydW5uaW5nIiwiMjAyNi0xMS0yMFQwNjowMDowMC4wMDBaIiwiMSJd' },
      "'after' must be 'next' of the page before, of the same status, got 'WyJydW5uaW5nIiwiMjAyNi0xMS0yMFQwNjowMDowMC4wMDBaIiwiMSJd': leave it out for the first page",
    ],
  ] as const)('refuses %s', async (_, status, page, message) => {
    const { reader } = createSagaRig(defineTrip());

    await expect(async () => reader.list(status, page)).rejects.toMatchObject({ code: 'SAGA_LIST_INVALID', message });
  });
});
