import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../../lib/definitions/index.ts';
import type { EventOf } from '../../../lib/event/index.ts';
import {
  createLinkDeletion,
  createLinks,
  LINKS_TABLE,
  type LinkDeletionContinued,
  parseLinkItem,
} from '../../../lib/links/index.ts';
import type { Outbox } from '../../../lib/outbox/index.ts';
import { createTenancy, createTenantTable } from '../../../lib/tenancy/index.ts';
import { createInMemoryTableStore } from '../../../lib/testing/in-memory-table-store.ts';
import { createTestOutbox } from '../../fixtures/outbox.ts';

const ORDER = { module: 'orders', type: 'order', id: '1042' };
const MAX_HOPS = 32;

/** An order with `count` cascading links, whose deletion was begun. */
async function createRig(count: number) {
  const { outbox, tables } = createTestOutbox({ links: LINKS_TABLE });
  const events: CloudEvent[] = [];
  const watched: Outbox = {
    async transact(work, context, guards) {
      const result = await outbox.transact(work, context, guards);
      events.push(...result.events);
      return result;
    },
  };
  const table = createTenantTable({
    store: createInMemoryTableStore(tables),
    outbox,
    tenancy: createTenancy({ mode: 'none', audit: { crossTenantWork: () => undefined } }),
    tableName: 'links',
    schema: LINKS_TABLE,
    parse: parseLinkItem,
  });
  const links = createLinks({ table });
  for (let first = 0; first < count; first += 100) {
    await outbox.transact(async (tx) => {
      for (let index = first; index < Math.min(first + 100, count); index++) {
        const target = { module: 'shipping', type: 'parcel', id: `${index}` };
        await links.within(tx).create({ source: ORDER, target, type: 'cascade' });
      }
    });
  }
  const { events: begun } = await watched.transact((tx) => links.within(tx).deleteAllFrom(ORDER));
  const goOn = begun.find(({ type }) => type === 'waybill.link.deletion-continued');
  if (goOn === undefined) throw new Error('the deletion has ended already');
  const deletion = createLinkDeletion({ table, outbox: watched });
  return {
    links,
    events,
    goOn: goOn as EventOf<typeof LinkDeletionContinued>,
    take: (event: EventOf<typeof LinkDeletionContinued>, signal = new AbortController().signal) =>
      deletion(event, { signal }),
  };
}

describe('createLinkDeletion', () => {
  it('counts all its own events as one hop, so that a source can have any number of links', async () => {
    const { links, events, goOn, take } = await createRig(2_516);
    const last = { ...goOn, hops: MAX_HOPS - 1 };
    events.length = 0;

    await take(last);

    const next = events.find(({ type }) => type === 'waybill.link.deletion-continued');
    expect(next).toMatchObject({
      hops: 31,
      causationid: goOn.id,
      correlationid: goOn.correlationid,
      data: { source: ORDER },
    });
    expect(events.filter(({ type, hops }) => type === 'waybill.link.cascaded.shipping' && hops === 32)).toHaveLength(
      2_500,
    );

    await take(next as typeof goOn);

    expect((await links.findBySource(ORDER)).items).toStrictEqual([]);
  });

  it('stops between two batches if the signal aborts', async () => {
    const { links, goOn, take } = await createRig(20);

    await expect(take(goOn, AbortSignal.abort(new Error('time is up')))).rejects.toThrow('time is up');

    expect((await links.findBySource(ORDER)).items).toHaveLength(5);
  });
});
