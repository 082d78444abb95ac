import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { hashOf } from '../../../lib/sync/canonical-json.ts';
import type { Fields } from '../../../lib/sync/change.ts';
import {
  type Decision,
  decide,
  type Incoming,
  NO_SIGNS,
  type Rules,
  type Shadow,
  type Situation,
} from '../../../lib/sync/decide.ts';
import type { Print } from '../../../lib/sync/prints.ts';

const NOW = 100_000 as EpochMs;
const COMPARISON = { ignore: ['exportedAt'], sets: ['tags'] };
const RULES: Rules = {
  ...{ provider: 'a', ownership: { price: ['a', 'b'] }, comparison: COMPARISON },
  ...{ canAsk: true, isOutbound: false },
};

const FIRST: Fields = { sku: '1', price: 100 };

const shadowOf = (more: Partial<Shadow> & { readonly fields?: Fields } = {}): Shadow => {
  const { fields = FIRST } = more;
  return {
    localId: 'p1',
    version: 5,
    hash: hashOf(fields, COMPARISON),
    fields,
    changedAt: 50_000 as EpochMs,
    isDeleted: false,
    prints: [],
    ...more,
  };
};

const upsert = (fields: Fields, more: Partial<Incoming> = {}): Incoming =>
  ({
    kind: 'upsert',
    fields,
    hash: hashOf(fields, COMPARISON),
    version: 6,
    origin: 'poll',
    readAt: 90_000 as EpochMs,
    ...more,
  }) as Incoming;

const remove = (more: Partial<Incoming> = {}): Incoming =>
  ({ kind: 'delete', version: 6, origin: 'poll', readAt: 90_000 as EpochMs, ...more }) as Incoming;

const around = (local: Fields | undefined, fields: Readonly<Record<string, Fields>>, speakers = {}) => ({
  local,
  voices: { fields, speakers },
});

const judge = (more: Partial<Situation> & Pick<Situation, 'change'>): Decision =>
  decide({ shadow: shadowOf(), around: undefined, rules: RULES, now: NOW, ...more });

describe('decide', () => {
  it('parks what cannot be read', () => {
    const reason = { code: 'SYNC_ROW_INVALID', message: 'NET: expected number' };

    expect(judge({ change: reason })).toStrictEqual({ kind: 'park', reason });
  });

  it('writes nothing for what is known, and stores a newer version of it', () => {
    expect(judge({ change: upsert(FIRST, { version: 5 }) })).toStrictEqual({ kind: 'no-op' });
    expect(judge({ change: upsert(FIRST) })).toStrictEqual({ kind: 'note', voices: undefined, signs: NO_SIGNS });
  });

  it('takes the change of an ignored field, and the order of a set, for none', () => {
    const shadow = shadowOf({ fields: { ...FIRST, tags: ['x', 'y'], exportedAt: 'monday' } });

    expect(
      judge({ shadow, change: upsert({ ...FIRST, tags: ['y', 'x', 'x'], exportedAt: 'tuesday' }, { version: 5 }) }),
    ).toStrictEqual({ kind: 'no-op' });
    expect(judge({ shadow, change: upsert({ ...FIRST, tags: ['y'] }) })).toStrictEqual({ kind: 'look' });
  });

  it('refuses an older version, whatever brings it', () => {
    for (const origin of ['poll', 'webhook', 'stream', 'get'] as const) {
      expect(judge({ change: upsert({ sku: '1', price: 90 }, { version: 4, origin }) })).toStrictEqual({
        kind: 'stale',
      });
      expect(judge({ change: remove({ version: 4, origin }) })).toStrictEqual({ kind: 'stale' });
    }
  });

  it('asks the source for a tie and for a change without a version, unless the source has just been asked', () => {
    const other = { sku: '1', price: 90 };

    expect(judge({ change: upsert(other, { version: 5 }) })).toStrictEqual({ kind: 'ask' });
    expect(judge({ change: upsert(other, { version: undefined, origin: 'webhook' }) })).toStrictEqual({ kind: 'ask' });
    expect(judge({ change: remove({ version: undefined, origin: 'webhook' }) })).toStrictEqual({ kind: 'ask' });
    expect(judge({ change: upsert(other, { version: 5, origin: 'get' }) })).toStrictEqual({ kind: 'look' });
    expect(judge({ change: upsert(other, { version: undefined, origin: 'get' }) })).toStrictEqual({ kind: 'look' });
  });

  it('takes a poll without versions that was read after the last change', () => {
    const change = { version: undefined, readAt: 50_001 as EpochMs };

    expect(judge({ change: upsert({ sku: '2' }, change) })).toStrictEqual({ kind: 'look' });
    expect(judge({ change: upsert({ sku: '2' }, { ...change, readAt: 50_000 as EpochMs }) })).toStrictEqual({
      kind: 'ask',
    });
  });

  it('creates what is not here, updates what is, with the names of the changed fields', () => {
    const local = { ...FIRST, soldHere: true };

    expect(judge({ shadow: undefined, change: upsert(FIRST), around: around(undefined, {}) })).toMatchObject({
      kind: 'apply',
      change: 'created',
      entity: FIRST,
      changed: ['price', 'sku'],
    });
    expect(
      judge({ change: upsert({ sku: '1', price: 90 }), around: around(local, { a: FIRST }, { price: 'a' }) }),
    ).toMatchObject({
      kind: 'apply',
      change: 'updated',
      entity: { sku: '1', price: 90, soldHere: true },
      before: local,
      changed: ['price'],
    });
  });

  it('notes a change that the entity already has', () => {
    expect(
      judge({ change: upsert({ sku: '1', price: 90 }), around: around({ sku: '1', price: 90 }, { a: FIRST }) }),
    ).toMatchObject({ kind: 'note' });
  });

  it('leaves alone what the service itself has set meanwhile', () => {
    const decision = judge({
      change: upsert({ sku: '1', price: 100, name: 'Lamp 2' }),
      shadow: shadowOf({ fields: { sku: '1', price: 100, name: 'Lamp' } }),
      around: around({ sku: '1', price: 75, name: 'Lamp' }, { a: { sku: '1', price: 100, name: 'Lamp' } }),
    });

    expect(decision).toMatchObject({ entity: { sku: '1', price: 75, name: 'Lamp 2' }, changed: ['name'] });
  });

  it('gives a field to its first owner that has it, else to the provider that changed it last', () => {
    const rules = { ...RULES, provider: 'b' };
    const voices = { a: { price: 100, name: 'A' }, b: { price: 80, name: 'B' } };
    const shadow = shadowOf({ fields: voices.b });
    const change = upsert({ price: 70, name: 'B2' });

    expect(
      judge({ shadow, rules, change, around: around({ price: 100, name: 'A' }, voices, { name: 'a' }) }),
    ).toMatchObject({ entity: { price: 100, name: 'B2' }, changed: ['name'] });
    expect(
      judge({ shadow, rules, change, around: around({ price: 80, name: 'B' }, { b: voices.b }, { name: 'b' }) }),
    ).toMatchObject({ entity: { price: 70, name: 'B2' }, changed: ['name', 'price'] });
  });

  it('falls back to the other provider when one no longer has the record, and deletes with the last', () => {
    const voices = { a: { price: 100, name: 'A' }, b: { price: 80, name: 'B' } };
    const local = { price: 100, name: 'A' };

    expect(judge({ change: remove(), around: around(local, voices, { name: 'a' }) })).toMatchObject({
      kind: 'apply',
      change: 'updated',
      entity: { price: 80, name: 'B' },
    });
    expect(judge({ change: remove(), around: around(local, { a: voices.a }) })).toMatchObject({
      kind: 'apply',
      change: 'deleted',
      entity: local,
    });
  });

  it('remembers a delete of what was never seen, and refuses the older change that comes after it', () => {
    expect(judge({ shadow: undefined, change: remove() })).toMatchObject({ kind: 'note' });
    expect(
      judge({ shadow: shadowOf({ isDeleted: true, version: 6 }), change: upsert(FIRST, { version: 5 }) }),
    ).toStrictEqual({ kind: 'stale' });
    expect(judge({ shadow: shadowOf({ isDeleted: true, version: 6 }), change: remove() })).toStrictEqual({
      kind: 'no-op',
    });
  });
});

describe('decide, after a change of ours was written', () => {
  const BEFORE = 85_000 as EpochMs;
  const printOf = (fields: Fields, at: EpochMs, more: Partial<Print> = {}): Print => ({
    ...{ hash: hashOf(fields, COMPARISON), values: fields, fields: ['price'], over: 'base', at, until: NOW },
    ...more,
  });
  const ours = { sku: '1', price: 70 };
  const print = printOf(ours, BEFORE);
  const shadow = shadowOf({ prints: [print] });
  const theirs = { sku: '1', price: 71 };

  it('knows it when it comes back, until its print has ended', () => {
    expect(judge({ shadow, change: upsert(ours) })).toStrictEqual({ kind: 'echo', print });
    expect(judge({ shadow, change: upsert(ours, { version: undefined, origin: 'webhook' }) })).toStrictEqual({
      kind: 'echo',
      print,
    });
    expect(
      judge({ shadow, change: upsert(ours), now: (NOW + 1) as EpochMs, around: around(FIRST, { a: FIRST }) }),
    ).toMatchObject({ kind: 'apply', signs: { nearMiss: true } });
  });

  it('takes what was read before for nothing new, and asks whether a newer change came before or after the write', () => {
    expect(judge({ shadow, change: upsert(FIRST, { version: 5 }) })).toStrictEqual({ kind: 'no-op' });
    expect(judge({ shadow, change: upsert(FIRST) })).toStrictEqual({ kind: 'ask' });
    expect(judge({ shadow, change: upsert(theirs) })).toStrictEqual({ kind: 'ask' });
    expect(judge({ shadow, change: upsert(theirs, { origin: 'get', readAt: (BEFORE - 1) as EpochMs }) })).toStrictEqual(
      { kind: 'ask' },
    );
  });

  it('takes the answer of the source for a change of what was written, back to the old values too', () => {
    const back = upsert(FIRST, { version: 7, origin: 'get' });

    expect(judge({ shadow, change: back, around: around(ours, { a: FIRST }) })).toMatchObject({
      kind: 'apply',
      change: 'updated',
      before: ours,
      entity: FIRST,
    });
  });

  it('does not take the values of an older write for its echo once a later write was answered', () => {
    const later = { sku: '1', price: 60 };
    const two = shadowOf({ prints: [print, printOf(later, (BEFORE + 1) as EpochMs)] });

    expect(judge({ shadow: two, change: upsert(later) })).toMatchObject({ kind: 'echo', print: { values: later } });
    expect(judge({ shadow: two, change: upsert(ours) })).toStrictEqual({ kind: 'ask' });
    expect(
      judge({ shadow: two, change: upsert(ours, { origin: 'get' }), around: around(later, { a: FIRST }) }),
    ).toMatchObject({ kind: 'apply', entity: ours });
    // a source that cannot be asked returns them in their order
    expect(judge({ shadow: two, change: upsert(ours), rules: { ...RULES, canAsk: false } })).toStrictEqual({
      kind: 'echo',
      print,
    });
  });

  it('knows what is being written, if it comes back before its answer is stored', () => {
    const where = { ...around({ sku: '1', price: 65 }, { a: FIRST }), outgoing: { print, bases: [shadowOf().hash] } };

    expect(judge({ shadow: shadowOf(), change: upsert(ours), around: where })).toStrictEqual({ kind: 'echo', print });
    // the provider has changed it between, so this is a change of its own
    expect(judge({ shadow: shadowOf({ fields: theirs }), change: upsert(ours), around: where })).toMatchObject({
      kind: 'apply',
    });
  });

  it('counts a change of just the fields that we wrote, to other values, as a near miss', () => {
    const where = around(ours, { a: FIRST });
    const asked = { origin: 'get' } as const;

    expect(judge({ shadow, change: upsert(theirs, asked), around: where })).toMatchObject({
      signs: { nearMiss: true },
    });
    expect(judge({ shadow, change: upsert({ sku: '2', price: 71 }, asked), around: where })).toMatchObject({
      signs: { nearMiss: false },
    });
  });
});

describe('decide, if both sides have changed a field', () => {
  const OUTBOUND: Rules = { ...RULES, ownership: {}, isOutbound: true };
  const theirs = upsert({ sku: '1', price: 90 }, { version: '2026-11-20T05:00:00Z' });
  const where = around({ sku: '1', price: 75 }, { a: FIRST });
  const shadow = shadowOf({ version: '2026-11-20T04:00:00Z' });
  const decided = (more: Partial<Situation>) =>
    judge({ shadow, change: theirs, rules: OUTBOUND, around: where, ...more });

  it('takes the owner’s value, and says that the other side is to be corrected', () => {
    const owned = (owners: readonly string[]) => decided({ rules: { ...OUTBOUND, ownership: { price: owners } } });

    expect(owned(['local'])).toMatchObject({
      kind: 'note',
      signs: { conflicts: [{ field: 'price', winner: 'local' }], isDiverged: true },
    });
    expect(owned(['a', 'local'])).toMatchObject({
      kind: 'apply',
      entity: { price: 90 },
      signs: { conflicts: [{ field: 'price', winner: 'provider' }], isDiverged: false },
    });
  });

  it('takes the newer one of a field that nobody owns, and the provider’s if it cannot be told', () => {
    const newer = decided({ around: { ...where, localVersion: '2026-11-20T05:00:00.001Z' } });
    const older = decided({ around: { ...where, localVersion: '2026-11-20T04:59:59Z' } });

    expect(newer).toMatchObject({ kind: 'note', signs: { conflicts: [{ winner: 'local' }], isDiverged: true } });
    expect(older).toMatchObject({
      kind: 'apply',
      entity: { price: 90 },
      signs: { conflicts: [{ winner: 'provider' }] },
    });
    expect(decided({})).toMatchObject({ kind: 'apply', signs: { conflicts: [{ winner: 'provider' }] } });
  });

  it('is no conflict if only one has, or both to the same value', () => {
    expect(decided({ around: around(FIRST, { a: FIRST }) })).toMatchObject({ kind: 'apply', signs: { conflicts: [] } });
    expect(decided({ around: around({ sku: '1', price: 90 }, { a: FIRST }) })).toMatchObject({
      kind: 'note',
      signs: { conflicts: [], isDiverged: false },
    });
  });

  it('does not write without end to a provider that puts back what it had', () => {
    const written = { hash: '', values: FIRST, fields: ['price'], over: hashOf({ sku: '1', price: 90 }, COMPARISON) };
    const refusing = (times: number) =>
      shadowOf({
        version: shadow.version,
        prints: Array.from({ length: times }, () => ({ ...written, at: 1 as EpochMs, until: 2 as EpochMs })),
      });
    const rules = { ...OUTBOUND, ownership: { price: ['local'] } };

    expect(decided({ shadow: refusing(4), rules })).toMatchObject({ signs: { isDiverged: true } });
    expect(decided({ shadow: refusing(5), rules })).toMatchObject({ signs: { isDiverged: false } });
  });
});

/** Few values, so that they collide. */
const fields = fc.record(
  { sku: fc.constantFrom('1', '2'), price: fc.constantFrom(1, 2) },
  { requiredKeys: [], noNullPrototype: true },
);

interface Told {
  readonly version: number;
  readonly fields: Fields | undefined;
}

/** What a record comes to if changes arrive in this order; the events are the applied changes. */
function replay(told: readonly Told[], origin: 'poll' | 'webhook') {
  let shadow: Shadow | undefined;
  let local: Fields | undefined;
  const applied: { readonly change: string; readonly version: number }[] = [];
  for (const [index, { version, fields: said }] of told.entries()) {
    const readAt = (index * 2) as EpochMs;
    const change = said === undefined ? remove({ version, origin, readAt }) : upsert(said, { version, origin, readAt });
    const where = around(local, shadow === undefined || shadow.isDeleted ? {} : { a: shadow.fields });
    const situation = { shadow, change, rules: RULES, now: (index * 2 + 1) as EpochMs };
    const first = decide({ ...situation, around: undefined });
    const decision = first.kind === 'look' ? decide({ ...situation, around: where }) : first;
    if (decision.kind === 'apply') {
      applied.push({ change: decision.change, version });
      local = decision.change === 'deleted' ? undefined : decision.entity;
    }
    if (decision.kind === 'apply' || decision.kind === 'note') {
      shadow = {
        ...shadowOf({ fields: said ?? shadow?.fields ?? {} }),
        version,
        isDeleted: said === undefined,
        changedAt: situation.now,
      };
    }
  }
  return { local, applied };
}

const histories = fc
  .array(fc.option(fields, { nil: undefined }), { minLength: 1, maxLength: 6 })
  .map((states) => states.map((state, index): Told => ({ version: index + 1, fields: state })));

describe('changes of one record, in any order and number', () => {
  it('end in the newest version', () => {
    const arrivals = histories.chain((history) =>
      fc.tuple(
        fc.constant(history),
        fc.array(fc.constantFrom(...history), { maxLength: 12 }),
        fc.constantFrom('poll' as const, 'webhook' as const),
      ),
    );

    fc.assert(
      fc.property(arrivals, ([history, more, origin]) => {
        const newest = history.at(-1);

        const { local } = replay([...more, ...(newest === undefined ? [] : [newest])], origin);

        expect(local).toStrictEqual(newest?.fields);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are applied in the order of versions, each once', () => {
    const arrivals = histories.chain((history) => fc.array(fc.constantFrom(...history), { maxLength: 12 }));

    fc.assert(
      fc.property(arrivals, (told) => {
        const versions = replay(told, 'webhook').applied.map(({ version }) => version);

        expect(versions).toStrictEqual([...new Set(versions)].toSorted((a, b) => a - b));
      }),
      { numRuns: 2_000 },
    );
  });

  it('begin with a creation, and end a life before the next one begins', () => {
    const arrivals = histories.chain((history) => fc.array(fc.constantFrom(...history), { maxLength: 12 }));

    fc.assert(
      fc.property(arrivals, (told) => {
        const kinds = replay(told, 'poll').applied.map(({ change }) => change);

        expect(kinds.join(' ')).toMatch(/^(created( updated)*( deleted( |$)|$))*$/);
      }),
      { numRuns: 2_000 },
    );
  });
});
