import { beforeEach, describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../../lib/definitions/index.ts';
import {
  createLinkDeletion,
  createLinks,
  type EntityRef,
  type Link,
  type LinkIdentity,
  type LinkItem,
  type Links,
} from '../../../lib/links/index.ts';
import type { Outbox } from '../../../lib/outbox/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import type { Page, Tenancy, TenantTable } from '../../../lib/tenancy/index.ts';
import type { TestClock } from '../../fixtures/event-maker.ts';

export interface LinksSubject {
  readonly table: TenantTable<LinkItem>;
  readonly outbox: Outbox;
  /** The outbox's; at `LINKS_START` when the subject is created. */
  readonly clock: TestClock;
  /** Of mode 'required'. */
  readonly tenancy: Tenancy;
}

/** 2100-01-01T00:00:00Z: later than the machine's time, so that no engine takes an item for expired. */
export const LINKS_START = 4_102_444_800_000 as EpochMs;

/** What a link says that a command created at the beginning, and nobody changed. */
const CREATED = {
  createdAt: '2100-01-01T00:00:00.000Z',
  createdBy: undefined,
  changedAt: undefined,
  changedBy: undefined,
};

const ORDER: EntityRef = { module: 'orders', type: 'order', id: '1042' };
const OTHER_ORDER: EntityRef = { module: 'orders', type: 'order', id: '1043' };
const PAYMENT: EntityRef = { module: 'payments', type: 'payment', id: 'payment/1042' };
const SHIPMENT: EntityRef = { module: 'shipping', type: 'shipment', id: 'S 1'.replace(' ', '#') };
const PAID_BY: LinkIdentity = { source: ORDER, target: PAYMENT, type: 'cascade' };
const SHIPS_IN: LinkIdentity = { source: ORDER, target: SHIPMENT, type: 'aggregate_root' };
const PAID_SHIPMENT: LinkIdentity = { source: SHIPMENT, target: PAYMENT, type: 'reference' };

const captured = (id: string): CloudEvent => ({
  specversion: '1.0',
  id,
  source: '/payments',
  type: 'com.example.payment.captured',
  time: '2099-12-31T23:59:59.000Z',
  datacontenttype: 'application/json',
  dataschema: 'urn:waybill:schema:com.example.payment.captured:1',
  data: {},
  partitionkey: 'order#1042',
  sequence: '000000000000001',
  correlationid: 'request-1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  hops: 0,
});
const FIRST = { source: '/payments', id: 'e-1', type: 'com.example.payment.captured' };
const SECOND = { ...FIRST, id: 'e-2' };

const part = (index: number): EntityRef => ({
  module: 'shipping',
  type: 'parcel',
  id: `p-${String(index).padStart(4, '0')}`,
});

/** What links must do over every table. */
export function describeLinks(adapter: string, create: () => Promise<LinksSubject>): void {
  describe(`Links contract: ${adapter}`, () => {
    let subject: LinksSubject;
    let links: Links;

    beforeEach(async () => {
      subject = await create();
      links = createLinks({ table: subject.table });
    });

    const asTenant = <Value>(tenantId: string, work: () => Value) => subject.tenancy.runAsTenant(tenantId, work);
    const inTenant = (title: string, test: () => Promise<void>) => it(title, () => asTenant('acme', test));

    /** In a unit of work. @returns type, group and data of what was published */
    const commit = async (work: (writes: ReturnType<Links['within']>) => Promise<void>, cause?: CloudEvent) => {
      const { events } = await subject.outbox.transact(
        (tx) => work(links.within(tx)),
        cause === undefined ? {} : { cause },
      );
      return events.map(({ type, partitionkey, data }) => ({ type, group: partitionkey, data }));
    };
    const created = (...all: readonly (LinkIdentity & Partial<Link>)[]) =>
      commit(async (writes) => {
        for (const link of all) await writes.create(link);
      });

    inTenant('finds a link by its source, its target, its type and either end', async () => {
      await created({ ...PAID_BY, metadata: { amount: 100 } }, PAID_SHIPMENT);

      const paidBy = { ...PAID_BY, metadata: { amount: 100 }, ...CREATED };
      const paidShipment = { ...PAID_SHIPMENT, metadata: {}, ...CREATED };
      expect((await links.findBySource(ORDER)).items).toStrictEqual([paidBy]);
      expect((await links.findByTarget(PAYMENT)).items).toStrictEqual([paidBy, paidShipment]);
      expect((await links.findByType('cascade')).items).toStrictEqual([paidBy]);
      expect((await links.findByEntity(SHIPMENT)).items).toStrictEqual([paidShipment]);
      expect((await links.findByEntity(PAYMENT)).items).toStrictEqual([paidBy, paidShipment]);
      expect(await links.findBetween(PAYMENT, ORDER)).toStrictEqual([paidBy]);
      expect(await links.get(PAID_BY)).toStrictEqual(paidBy);
      expect(await links.get({ ...PAID_BY, type: 'reference' })).toBeUndefined();
    });

    inTenant('finds the links of one type among those of an entity', async () => {
      await created(PAID_BY, SHIPS_IN, { ...PAID_BY, type: 'reference' });

      expect((await links.findBySource(ORDER, { type: 'cascade' })).items).toStrictEqual([
        { ...PAID_BY, metadata: {}, ...CREATED },
      ]);
      expect((await links.findByTarget(PAYMENT, { type: 'reference' })).items).toStrictEqual([
        { ...PAID_BY, type: 'reference', metadata: {}, ...CREATED },
      ]);
    });

    inTenant('keeps links apart whose keys separators could make equal', async () => {
      const a: LinkIdentity = { ...PAID_BY, target: { module: 'm', type: 't', id: 'x/y' } };
      const b: LinkIdentity = { ...PAID_BY, target: { module: 'm', type: 't', id: 'x' } };
      const c: LinkIdentity = { ...PAID_BY, source: { module: 'orders', type: 'order', id: '1042/m/t/x' } };
      await created(a, b, c);

      expect((await links.findByTarget(b.target)).items).toStrictEqual([{ ...b, metadata: {}, ...CREATED }]);
      expect((await links.findBySource(ORDER)).items).toStrictEqual([
        { ...b, metadata: {}, ...CREATED },
        { ...a, metadata: {}, ...CREATED },
      ]);
    });

    inTenant('keeps the metadata of an existing link that is created again', async () => {
      await created({ ...PAID_BY, metadata: { state: 'captured' } });
      await commit((writes) => writes.setMetadata(PAID_BY, { state: 'refunded' }));

      await created({ ...PAID_BY, metadata: { state: 'captured' } });

      expect((await links.findBySource(ORDER)).items).toStrictEqual([
        { ...PAID_BY, metadata: { state: 'refunded' }, ...CREATED, changedAt: '2100-01-01T00:00:00.000Z' },
      ]);
    });

    inTenant(
      'creates a link once if many create it at the same time, as soon as those that lost have run again',
      async () => {
        const link = { ...PAID_BY, metadata: { b: 1, a: 2 } };
        const creators = [
          () => created(link),
          () => created({ ...link, metadata: { a: 2, b: 1 } }),
          () => created(link, SHIPS_IN),
          () => created(SHIPS_IN),
        ];

        const outcomes = await Promise.allSettled(creators.map((create) => create()));
        for (const [index, outcome] of outcomes.entries()) {
          if (outcome.status === 'fulfilled') continue;
          expect(outcome.reason).toMatchObject({ code: 'OUTBOX_CONDITION_FAILED', disposition: 'lost-race' });
          await creators[index]?.();
        }

        expect(outcomes.map(({ status }) => status)).toContain('fulfilled');
        expect((await links.findBySource(ORDER)).items).toHaveLength(2);
      },
    );

    inTenant('says when and by which event a link was created and last changed', async () => {
      await commit((writes) => writes.create(PAID_BY), captured('e-1'));
      await created(SHIPS_IN);
      subject.clock.advance(1_000);
      await commit((writes) => writes.setMetadata(PAID_BY, { amount: 1 }), captured('e-2'));
      subject.clock.advance(1_000);
      await commit((writes) => writes.setMetadata(SHIPS_IN, { boxes: 1 }));

      const paidBy = {
        ...PAID_BY,
        metadata: { amount: 1 },
        createdAt: '2100-01-01T00:00:00.000Z',
        createdBy: FIRST,
        changedAt: '2100-01-01T00:00:01.000Z',
        changedBy: SECOND,
      };
      const shipsIn = { ...SHIPS_IN, metadata: { boxes: 1 }, ...CREATED, changedAt: '2100-01-01T00:00:02.000Z' };
      expect((await links.findBySource(ORDER)).items).toStrictEqual([shipsIn, paidBy]);
      expect((await links.findByTarget(PAYMENT)).items).toStrictEqual([paidBy]);
      expect((await links.findByType('aggregate_root')).items).toStrictEqual([shipsIn]);
      expect(await links.get(PAID_BY)).toStrictEqual(paidBy);

      subject.clock.advance(1_000);
      await commit((writes) => writes.setMetadata(PAID_BY, { amount: 2 }));
      expect(await links.get(PAID_BY)).toStrictEqual({
        ...paidBy,
        metadata: { amount: 2 },
        changedAt: '2100-01-01T00:00:03.000Z',
        changedBy: undefined,
      });
    });

    inTenant('counts neither a repeated creation nor equal metadata as a change', async () => {
      await commit((writes) => writes.create({ ...PAID_BY, metadata: { a: 1, b: 2 } }), captured('e-1'));
      subject.clock.advance(1_000);

      await commit((writes) => writes.create({ ...PAID_BY, metadata: { a: 1, b: 2 } }), captured('e-2'));
      await commit((writes) => writes.create({ ...PAID_BY, metadata: { a: 3 } }), captured('e-2'));
      await commit((writes) => writes.setMetadata(PAID_BY, { b: 2, a: 1 }), captured('e-2'));

      expect(await links.get(PAID_BY)).toStrictEqual({
        ...PAID_BY,
        metadata: { a: 1, b: 2 },
        ...CREATED,
        createdBy: FIRST,
      });
    });

    inTenant('keeps the time and the event of the first of two creators', async () => {
      const create = (writes: ReturnType<Links['within']>) => writes.create(PAID_BY);
      const overtaken = commit(async (writes) => {
        await create(writes);
        subject.clock.advance(1_000);
        await commit(create, captured('e-1'));
      }, captured('e-2'));
      await expect(overtaken).rejects.toMatchObject({ code: 'OUTBOX_CONDITION_FAILED', disposition: 'lost-race' });
      subject.clock.advance(1_000);

      await commit(create, captured('e-2'));

      expect(await links.get(PAID_BY)).toStrictEqual({
        ...PAID_BY,
        metadata: {},
        ...CREATED,
        createdAt: '2100-01-01T00:00:01.000Z',
        createdBy: FIRST,
      });
    });

    inTenant('refuses to change metadata that another changed after the read', async () => {
      await created(PAID_BY);
      const overtakenBy = (metadata: Link['metadata'], mine: Link['metadata']) =>
        commit(async (writes) => {
          await writes.setMetadata(PAID_BY, mine);
          await commit((others) => others.setMetadata(PAID_BY, metadata), captured('e-1'));
        }, captured('e-2'));

      const refusal = { code: 'OUTBOX_CONDITION_FAILED', disposition: 'lost-race' };
      await expect(overtakenBy({ amount: 1 }, { amount: 1 })).rejects.toMatchObject(refusal);
      await expect(overtakenBy({ amount: 2 }, { amount: 1 })).rejects.toMatchObject(refusal);
      expect(await links.get(PAID_BY)).toMatchObject({ metadata: { amount: 2 }, changedBy: FIRST });
    });

    inTenant('begins anew with a link that was deleted', async () => {
      await commit((writes) => writes.create(PAID_BY), captured('e-1'));
      await commit((writes) => writes.setMetadata(PAID_BY, { amount: 1 }));
      await commit((writes) => writes.delete(PAID_BY));
      subject.clock.advance(1_000);

      await commit((writes) => writes.create(PAID_BY), captured('e-2'));

      expect(await links.get(PAID_BY)).toStrictEqual({
        ...PAID_BY,
        metadata: {},
        ...CREATED,
        createdAt: '2100-01-01T00:00:01.000Z',
        createdBy: SECOND,
      });
    });

    inTenant('takes the same link twice in one unit of work', async () => {
      await created(PAID_BY, PAID_BY);

      expect((await links.findBySource(ORDER)).items).toHaveLength(1);
    });

    inTenant('pages in a fixed order, each link once, through every way of finding', async () => {
      const all = Array.from(
        { length: 23 },
        (_, index): LinkIdentity => ({ source: ORDER, target: part(index), type: 'cascade' }),
      );
      const back = Array.from(
        { length: 5 },
        (_, index): LinkIdentity => ({ source: part(index), target: ORDER, type: 'cascade' }),
      );
      await created(...all.toReversed(), ...back);
      const ids = (found: readonly LinkIdentity[]) => found.map(({ source, target }) => `${source.id} ${target.id}`);
      const expected = ids(all);
      const expectedBack = ids(back);

      const bySource = await allPages((after) => links.findBySource(ORDER, { limit: 4, ...after }));
      const byTarget = await allPages((after) => links.findByTarget(ORDER, { limit: 2, ...after }));
      const byEntity = await allPages((after) => links.findByEntity(ORDER, { limit: 5, ...after }));
      const byType = await allPages((after) => links.findByType('cascade', { limit: 3, ...after }));

      expect(ids(bySource)).toStrictEqual(expected);
      expect(ids(byTarget)).toStrictEqual(expectedBack);
      expect(ids(byEntity)).toStrictEqual([...expected, ...expectedBack]);
      expect(ids(byType).toSorted()).toStrictEqual([...expected, ...expectedBack].toSorted());
    });

    inTenant('refuses the cursor of another query', async () => {
      await created(PAID_BY, SHIPS_IN);
      const { next } = await links.findBySource(ORDER, { limit: 1 });

      const refusal = { code: 'LINK_CURSOR_INVALID' };
      await expect(links.findBySource(OTHER_ORDER, { limit: 1, after: next ?? '' })).rejects.toMatchObject(refusal);
      await expect(links.findBySource(ORDER, { limit: 1, after: 'gibberish' })).rejects.toMatchObject(refusal);
      await expect(links.findByType('cascade', { limit: 1, after: next ?? '' })).rejects.toMatchObject(refusal);
    });

    inTenant('notifies the target of a deleted link if the link cascades', async () => {
      await created({ ...PAID_BY, metadata: { amount: 100 } }, PAID_SHIPMENT);

      const events = await commit(async (writes) => {
        await writes.delete(PAID_BY);
        await writes.delete(PAID_SHIPMENT);
        await writes.delete(SHIPS_IN);
      });

      expect(events).toMatchObject([
        {
          type: 'waybill.link.cascaded.payments',
          group: expect.stringMatching(/link#payments\/payment\/payment\/1042$/),
          data: { ...PAID_BY, metadata: { amount: 100 } },
        },
      ]);
      expect((await links.findByTarget(PAYMENT)).items).toStrictEqual([]);
      expect(await commit((writes) => writes.delete(PAID_BY))).toStrictEqual([]);
    });

    inTenant('notifies once if two delete at the same time', async () => {
      await created(PAID_BY);

      const deletions = await Promise.allSettled([
        commit((writes) => writes.delete(PAID_BY)),
        commit((writes) => writes.delete(PAID_BY)),
        commit((writes) => writes.deleteAllFrom(ORDER)),
      ]);

      const told = deletions.flatMap((deletion) => (deletion.status === 'fulfilled' ? deletion.value : []));
      expect(told).toHaveLength(1);
      for (const deletion of deletions) {
        if (deletion.status === 'rejected') expect(deletion.reason).toMatchObject({ code: 'OUTBOX_CONDITION_FAILED' });
      }
    });

    inTenant('notifies with the link as it is at the commit, not as it was at the read', async () => {
      await created({ ...PAID_BY, metadata: { refunded: false } });

      const overtaken = commit(async (writes) => {
        await writes.delete(PAID_BY);
        await commit((others) => others.setMetadata(PAID_BY, { refunded: true }));
      });

      await expect(overtaken).rejects.toMatchObject({ code: 'OUTBOX_CONDITION_FAILED' });
      expect(await commit((writes) => writes.delete(PAID_BY))).toMatchObject([
        { data: { ...PAID_BY, metadata: { refunded: true } } },
      ]);
    });

    inTenant('releases a target without notification', async () => {
      await created(PAID_BY, SHIPS_IN);

      const events = await commit(async (writes) => {
        await writes.release(PAID_BY);
        await writes.release(SHIPS_IN);
      });

      expect(events).toStrictEqual([]);
      expect((await links.findBySource(ORDER)).items).toStrictEqual([]);
    });

    inTenant('deletes all links from a source, and keeps the links to it', async () => {
      const toOrder: LinkIdentity = { source: PAYMENT, target: ORDER, type: 'reference' };
      await created(PAID_BY, SHIPS_IN, { ...PAID_BY, type: 'reference' }, toOrder);

      const events = await commit((writes) => writes.deleteAllFrom(ORDER));

      expect(events).toMatchObject([
        { type: 'waybill.link.cascaded.shipping', data: SHIPS_IN },
        { type: 'waybill.link.cascaded.payments', data: PAID_BY },
      ]);
      expect((await links.findByEntity(ORDER)).items).toStrictEqual([{ ...toOrder, metadata: {}, ...CREATED }]);
    });

    inTenant('continues by an event if a source has more links than a transaction takes', async () => {
      const parts = Array.from(
        { length: 130 },
        (_, index): LinkIdentity => ({
          source: ORDER,
          target: part(index),
          type: index % 2 === 0 ? 'aggregate_root' : 'cascade',
        }),
      );
      for (let index = 0; index < parts.length; index += 30) await created(...parts.slice(index, index + 30));
      const published: string[] = [];
      const watched: Outbox = {
        async transact(work, context, guards) {
          const result = await subject.outbox.transact(work, context, guards);
          published.push(
            ...result.events.flatMap(({ subject: told = '', type }) => (type.includes('cascaded') ? [told] : [])),
          );
          return result;
        },
      };
      const { events } = await watched.transact((tx) => links.within(tx).deleteAllFrom(ORDER));
      const goOn = events.find(({ type }) => type === 'waybill.link.deletion-continued');
      expect(goOn?.data).toStrictEqual({ source: ORDER });

      const deletion = createLinkDeletion({ table: subject.table, outbox: watched });
      const event = { ...goOn, type: 'waybill.link.deletion-continued', data: { source: ORDER } } as Parameters<
        typeof deletion
      >[0];
      await deletion(event, { signal: new AbortController().signal });
      await deletion(event, { signal: new AbortController().signal });

      expect((await links.findBySource(ORDER)).items).toStrictEqual([]);
      expect(published.toSorted()).toStrictEqual(parts.map(({ target }) => `shipping/parcel/${target.id}`));
      await created({ ...SHIPS_IN, source: OTHER_ORDER, target: part(0) });
    });

    inTenant(
      'deletes from many sources in one unit of work, and continues by events with what does not fit',
      async () => {
        const sources = [ORDER, OTHER_ORDER, PAYMENT];
        for (const source of sources) {
          await created(
            ...Array.from({ length: 12 }, (_, index) => ({ source, target: part(index), type: 'cascade' as const })),
          );
        }

        const events = await commit(async (writes) => {
          await Promise.all(sources.map((source) => writes.deleteAllFrom(source)));
        });

        const goOn = events.filter(({ type }) => type === 'waybill.link.deletion-continued');
        expect(events.length - goOn.length).toBe(15);
        expect(goOn.map(({ data }) => data).toSorted()).toHaveLength(2);
        expect((await links.findByType('cascade')).items).toHaveLength(21);
      },
    );

    inTenant('refuses a part two aggregate roots in one unit of work', async () => {
      await expect(created(SHIPS_IN, { ...SHIPS_IN, source: OTHER_ORDER })).rejects.toMatchObject({
        code: 'LINK_AGGREGATE_ROOT_TAKEN',
        root: ORDER,
      });
    });

    inTenant('collects a change after one that was refused', async () => {
      await commit(async (writes) => {
        await expect(writes.setMetadata(PAID_BY, { a: 1 })).rejects.toMatchObject({ code: 'LINK_NOT_FOUND' });
        await writes.create({ ...PAID_BY, metadata: { a: 1 } });
      });

      expect((await links.get(PAID_BY))?.metadata).toStrictEqual({ a: 1 });
    });

    inTenant('refuses a part a second aggregate root', async () => {
      await created(SHIPS_IN);

      await expect(created({ ...SHIPS_IN, source: OTHER_ORDER })).rejects.toMatchObject({
        code: 'LINK_AGGREGATE_ROOT_TAKEN',
        root: ORDER,
        message: expect.stringMatching(
          /^'shipping\/shipment\/S#1' cannot become a part of 'orders\/order\/1043': it is a part of 'orders\/order\/1042'/,
        ),
      });
    });

    inTenant('accepts one of two roots that claim a part at the same time', async () => {
      const claims = await Promise.allSettled([created(SHIPS_IN), created({ ...SHIPS_IN, source: OTHER_ORDER })]);

      expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await links.findByTarget(SHIPMENT)).items).toHaveLength(1);
    });

    inTenant('accepts another root for a part that was released or deleted', async () => {
      await created(SHIPS_IN);
      await commit((writes) => writes.release(SHIPS_IN));
      await created({ ...SHIPS_IN, source: OTHER_ORDER });
      await commit((writes) => writes.delete({ ...SHIPS_IN, source: OTHER_ORDER }));

      await created(SHIPS_IN);

      expect((await links.findByTarget(SHIPMENT)).items).toStrictEqual([{ ...SHIPS_IN, metadata: {}, ...CREATED }]);
    });

    inTenant('writes nothing when the unit of work fails', async () => {
      const failing = subject.outbox.transact(async (tx) => {
        await links.within(tx).create(PAID_BY);
        throw new Error('no');
      });

      await expect(failing).rejects.toThrow('no');
      expect(await links.get(PAID_BY)).toBeUndefined();
    });

    inTenant('refuses to change the metadata of a link that does not exist', async () => {
      await expect(commit((writes) => writes.setMetadata(PAID_BY, {}))).rejects.toMatchObject({
        code: 'LINK_NOT_FOUND',
      });
    });

    inTenant('refuses two different changes of a link in one unit of work', async () => {
      await expect(
        commit(async (writes) => {
          await writes.create(PAID_BY);
          await writes.delete(PAID_BY);
        }),
      ).rejects.toMatchObject({ code: 'LINK_CHANGED_TWICE' });
    });

    inTenant('names the calls that changed a link twice, without metadata', async () => {
      await commit((writes) => writes.create(PAID_BY));

      const twice = commit(async (writes) => {
        await writes.setMetadata(PAID_BY, { payer: 'ada@example.com' });
        await writes.setMetadata(PAID_BY, { payer: 'bob@example.com' });
      });

      await expect(twice).rejects.toMatchObject({
        code: 'LINK_CHANGED_TWICE',
        message: expect.stringMatching(/changed twice in one unit of work \('setMetadata' with two values\): do one/),
      });
      await expect(twice).rejects.not.toMatchObject({ message: expect.stringContaining('example.com') });
    });

    it("refuses the cursor of another tenant, and returns only the tenant's own links with a forged one", async () => {
      const next = await asTenant('acme', async () => {
        await created(PAID_BY, SHIPS_IN);
        return (await links.findByEntity(ORDER, { limit: 1 })).next ?? '';
      });
      const madeUp = Buffer.from(JSON.stringify(['entity orders/order/1042 ', 1])).toString('base64url');
      await asTenant('globex', async () => {
        await created({ source: SHIPMENT, target: ORDER, type: 'reference' });

        await expect(links.findByEntity(ORDER, { limit: 1, after: next })).rejects.toMatchObject({
          code: 'LINK_CURSOR_INVALID',
        });
        const { items } = await links.findByEntity(ORDER, { limit: 2, after: madeUp });
        expect(items.map(({ source }) => source)).toStrictEqual([SHIPMENT]);
      });
    });

    it("never shows or changes another tenant's links", async () => {
      await asTenant('acme', () => created(PAID_BY, SHIPS_IN));
      await asTenant('globex', async () => {
        expect((await links.findByEntity(ORDER)).items).toStrictEqual([]);
        expect((await links.findByType('cascade')).items).toStrictEqual([]);
        expect(await commit((writes) => writes.deleteAllFrom(ORDER))).toStrictEqual([]);
        await created({ ...SHIPS_IN, source: OTHER_ORDER });
      });

      await asTenant('acme', async () => expect((await links.findBySource(ORDER)).items).toHaveLength(2));
    });
  });
}

async function allPages(find: (after: { readonly after?: string }) => Promise<Page<Link>>): Promise<readonly Link[]> {
  const found: Link[] = [];
  let after: { readonly after?: string } = {};
  for (let pages = 1; pages < 100; pages++) {
    const { items, next } = await find(after);
    found.push(...items);
    if (next === undefined) return found;
    after = { after: next };
  }
  throw new Error('the pages do not end');
}
