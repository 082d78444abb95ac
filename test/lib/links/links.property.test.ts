import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CloudEvent, EventReference } from '../../../lib/definitions/index.ts';
import {
  createLinks,
  type EntityRef,
  LINK_TYPES,
  LINKS_TABLE,
  type Link,
  type LinkIdentity,
  type Links,
  parseLinkItem,
} from '../../../lib/links/index.ts';
import { createTenancy, createTenantTable } from '../../../lib/tenancy/index.ts';
import { createInMemoryTableStore } from '../../../lib/testing/in-memory-table-store.ts';
import { createTestOutbox } from '../../fixtures/outbox.ts';

/** Few entities, so that links share ends; ids that would collide if keys were only joined. */
const ENTITIES: readonly EntityRef[] = ['1', '1/a', 'a/1', '#1', '1~0'].map((id) => ({ module: 'a', type: 'a', id }));

const entity = fc.constantFrom(...ENTITIES);
const link = fc
  .record({ source: entity, target: entity, type: fc.constantFrom(...LINK_TYPES) })
  .filter(({ source, target }) => source !== target);
const metadata = fc.dictionary(fc.stringMatching(/^[a-c]$/), fc.oneof(fc.integer(), fc.string(), fc.constant(null)), {
  maxKeys: 2,
  noNullPrototype: true,
});
const change = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), link, metadata }),
  fc.record({ kind: fc.constant('delete' as const), link }),
  fc.record({ kind: fc.constant('release' as const), link }),
  fc.record({ kind: fc.constant('setMetadata' as const), link, metadata }),
  fc.record({ kind: fc.constant('deleteAllFrom' as const), source: entity }),
);
type Change = typeof change extends fc.Arbitrary<infer Value> ? Value : never;

/** A change at a time, in the handling of an event or of none. */
interface Step {
  readonly change: Change;
  readonly at: string;
  readonly by: EventReference | undefined;
}

const START = Date.parse('2026-11-20T06:00:00Z');
const cause = fc.option(
  fc.constantFrom('e-1', 'e-2').map((id) => ({ source: '/a', id, type: 'com.example.a' })),
  { nil: undefined },
);
const steps = fc
  .array(fc.record({ change, by: cause }), { maxLength: 25 })
  .map((all) => all.map((one, index): Step => ({ ...one, at: new Date(START + index * 1_000).toISOString() })));

const keyOf = ({ source, target, type }: LinkIdentity) => `${type} ${source.id} ${target.id}`;

/** The whole of links over a map. @returns the targets that are notified, or the code of the refusal */
function applyTo(model: Map<string, Link>, { change, at, by }: Step): readonly string[] | string {
  const remove = (links: readonly Link[]) => {
    for (const one of links) model.delete(keyOf(one));
    return links.flatMap(({ type, target }) => (type === 'reference' ? [] : [target.id])).toSorted();
  };
  if (change.kind === 'deleteAllFrom')
    return remove([...model.values()].filter(({ source }) => source === change.source));
  const known = model.get(keyOf(change.link));
  if (change.kind === 'delete') return remove(known === undefined ? [] : [known]);
  if (change.kind === 'release') {
    model.delete(keyOf(change.link));
    return [];
  }
  if (change.kind === 'setMetadata' && known === undefined) return 'LINK_NOT_FOUND';
  if (change.kind === 'create' && known !== undefined) return [];
  const { type, target } = change.link;
  const roots = [...model.values()].filter((one) => one.type === 'aggregate_root' && one.target === target);
  if (change.kind === 'create' && type === 'aggregate_root' && roots.length > 0) return 'LINK_AGGREGATE_ROOT_TAKEN';
  const metadata = change.metadata;
  if (known === undefined) {
    const unchanged = { changedAt: undefined, changedBy: undefined };
    model.set(keyOf(change.link), { ...change.link, metadata, createdAt: at, createdBy: by, ...unchanged });
  } else if (!isDeepStrictEqual(known.metadata, metadata)) {
    model.set(keyOf(change.link), { ...known, metadata, changedAt: at, changedBy: by });
  }
  return [];
}

const CAUSE: CloudEvent = {
  specversion: '1.0',
  id: 'e-0',
  source: '/a',
  type: 'com.example.a',
  time: '2026-11-20T05:59:59.000Z',
  datacontenttype: 'application/json',
  dataschema: 'urn:waybill:schema:com.example.a:1',
  data: {},
  partitionkey: 'a#1',
  sequence: '000000000000001',
  correlationid: 'request-1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  hops: 0,
};

const circle: Record<string, unknown> = {};
circle['in'] = circle;

const deep = Array.from({ length: 51 }).reduce<object>((inner) => ({ in: inner }), {});

describe('links', () => {
  it('are found as they were created and changed, by every query, after any changes', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { links, perform } = createRig();
        const model = new Map<string, Link>();

        for (const one of all) expect(await perform(one)).toStrictEqual(applyTo(model, one));

        const expected = [...model.values()];
        for (const one of ENTITIES) {
          const from = expected.filter(({ source }) => source === one);
          const to = expected.filter(({ target }) => target === one);
          expect(inOrder((await links.findBySource(one)).items)).toStrictEqual(inOrder(from));
          expect(inOrder((await links.findByTarget(one)).items)).toStrictEqual(inOrder(to));
          expect(inOrder((await links.findByEntity(one)).items)).toStrictEqual(inOrder([...from, ...to]));
        }
        for (const type of LINK_TYPES) {
          const ofType = expected.filter((one) => one.type === type);
          expect(inOrder((await links.findByType(type)).items)).toStrictEqual(inOrder(ofType));
        }
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    [{ source: { module: 'Orders', type: 'order', id: '1' } }, "source.module must be 1 to 40 .*, got 'Orders'"],
    [{ source: { module: 'a/b', type: 'order', id: '1' } }, "source.module must be 1 to 40 .*, got 'a/b'"],
    [{ target: { module: 'orders', type: 'order', id: 'a b' } }, "target.id must be 1 to 256 .*, got 'a b'"],
    [{ target: { module: 'orders', type: 'order', id: '' } }, "target.id must be 1 to 256 .*, got ''"],
    [{ target: { module: 'a', type: 'a', id: '1' } }, "source and target must be two entities, got 'a/a/1' for both"],
    [{ metadata: { text: 'x'.repeat(2049) } }, 'metadata must take at most 2048 bytes as JSON, got 2060'],
    [{ metadata: [] as never }, 'metadata must be a JSON object, got a list'],
    [{ metadata: null as never }, 'metadata must be a JSON object, got null'],
    [
      { metadata: new Date(0) as never },
      'metadata is a Date, which JSON cannot represent: write it as text: date.toISOString\\(\\)',
    ],
    [
      { metadata: { at: { to: new Date(0) as never } } },
      'metadata.at.to is a Date, which JSON cannot represent: write it as text: date.toISOString\\(\\)',
    ],
    [{ metadata: { rate: Number.NaN } }, 'metadata.rate is NaN, which JSON cannot represent'],
    [{ metadata: { amounts: [1, 2n as never] } }, 'metadata.amounts.1 is a BigInt, which JSON cannot represent'],
    [{ metadata: { toJSON: (() => 'x') as never } }, 'metadata.toJSON is a function, which JSON cannot represent'],
    [{ metadata: circle as never }, '.* contains itself, which JSON cannot represent'],
    [{ metadata: deep as never }, 'metadata must be 50 levels deep at most: keep large content with the entities'],
    [
      { source: { module: Object.create(null), type: 'a', id: '1' } },
      'source.module must be 1 to 40 .*, got an object',
    ],
  ])('refuses invalid links: %#', async (wrong, problem) => {
    const { links, outbox } = createRig();
    const good: LinkIdentity = {
      source: { module: 'a', type: 'a', id: '1' },
      target: { module: 'b', type: 'b', id: '1' },
      type: 'reference',
    };

    await expect(outbox.transact((tx) => links.within(tx).create({ ...good, ...wrong }))).rejects.toMatchObject({
      code: 'LINK_INVALID',
      message: expect.stringMatching(new RegExp(`^not a link: ${problem}`)),
    });
  });
});

const inOrder = (links: readonly Link[]): readonly Link[] => links.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

function createRig() {
  const { outbox, tables, clock } = createTestOutbox({ links: LINKS_TABLE });
  const tenancy = createTenancy({ mode: 'none', audit: { crossTenantWork: () => undefined } });
  const store = createInMemoryTableStore(tables);
  const table = createTenantTable({
    store,
    outbox,
    tenancy,
    tableName: 'links',
    schema: LINKS_TABLE,
    parse: parseLinkItem,
  });
  const links = createLinks({ table });

  const collect = (writes: ReturnType<Links['within']>, one: Change): Promise<void> => {
    if (one.kind === 'deleteAllFrom') return writes.deleteAllFrom(one.source);
    if (one.kind === 'create') return writes.create({ ...one.link, metadata: one.metadata });
    if (one.kind === 'setMetadata') return writes.setMetadata(one.link, one.metadata);
    return writes[one.kind](one.link);
  };
  const perform = async ({ change: one, at, by }: Step): Promise<readonly string[] | string> => {
    try {
      clock.advance(Date.parse(at) - clock.now());
      const { events } = await outbox.transact(
        (tx) => collect(links.within(tx), one),
        by === undefined ? {} : { cause: { ...CAUSE, ...by } },
      );
      return events.map(({ subject = '' }) => subject.replace('a/a/', '')).toSorted();
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  return { links, outbox, perform };
}
