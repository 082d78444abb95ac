import { createHash } from 'node:crypto';
import type { Detection, SyncDefinition } from '../definitions/index.ts';
import type { UnitOfWork } from '../outbox/index.ts';
import { boundedText } from '../shared/bounded-text.ts';
import { describeViolations, violationsOf } from '../shared/schema-issues.ts';
import type { Clock, EpochMs } from '../shared/time.ts';
import type { Comparison } from './canonical-json.ts';
import type { Change, ChangeOrigin, Fields } from './change.ts';
import {
  type AppliedKind,
  type Decision,
  decide,
  type Incoming,
  type ParkReason,
  type Shadow,
  type Surroundings,
} from './decide.ts';
import type { Voices } from './merge.ts';
import type { ChangeSource, SyncSink } from './ports.ts';
import type { EntityVoices, ItemRecord, StoredRecord, SubscriptionKey } from './state.ts';
import type { SyncStore } from './sync-store.ts';
import { translate } from './translate.ts';

export interface ChangeDeps {
  readonly definition: SyncDefinition;
  readonly store: SyncStore;
  readonly sink: SyncSink<Fields>;
  readonly clock: Clock;
}

/** One change of one record. */
export interface ArrivedChange {
  readonly key: SubscriptionKey;
  readonly source: ChangeSource;
  readonly change: Change;
  readonly origin: ChangeOrigin;
  readonly readAt: EpochMs;
  /** The record as it was read; undefined if there is none. */
  readonly stored: StoredRecord | undefined;
  /** Number of the full read that sees it; undefined outside one. */
  readonly generation: number | undefined;
  /** What a record that is new is taken to be seen by. */
  readonly seenBy: number;
  /** The run that tries it. */
  readonly triedIn: string;
  readonly signal: AbortSignal;
}

type Outcome = AppliedKind | 'unchanged' | 'echo' | 'stale' | 'parked' | 'undecided';

/** What a change comes to, not yet written. */
export interface Plan {
  /** `undecided`: only the source could tell, and it has no `get`. */
  readonly outcome: Outcome;
  readonly reason: ParkReason | undefined;
  readonly nearMiss: boolean;
  /** Undefined if there is nothing to write. */
  readonly collect: ((tx: UnitOfWork, runId: string) => Promise<void>) | undefined;
  /** The record once it is written. */
  readonly after: StoredRecord | undefined;
}

/** Long enough for a list of violations. */
const REASON_MAX_LENGTH = 500;

/** Prints are kept for a day after they have ended, so that an echo that comes too late is counted. */
const ENDED_PRINT_MS = 24 * 60 * 60 * 1000;

/** The source failed, as distinct from everything else that can. */
export class SourceFailure extends Error {
  constructor(cause: unknown) {
    super('the source failed', { cause });
  }
}

/** Calls the source, and marks what it throws. */
export async function askSource<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    throw new SourceFailure(error);
  }
}

/** The sink failed at a record, as distinct from the commit. */
export class SinkFailure extends Error {
  constructor(cause: unknown) {
    super('the sink failed', { cause });
  }
}

async function askSink<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    throw new SinkFailure(error);
  }
}

/** The record as it is now: a change, or a delete if it is gone. Undefined if the source cannot be asked. */
export async function currentOf(
  source: ChangeSource,
  externalId: string,
  signal: AbortSignal,
): Promise<Change | undefined> {
  const { get } = source;
  if (get === undefined) return undefined;
  const found = await askSource(() => get.call(source, externalId, signal));
  return found ?? { kind: 'delete', externalId };
}

/** Decides what a change comes to, and what is to be written. Reads what it needs, writes nothing. */
export async function planChange(deps: ChangeDeps, arrived: ArrivedChange): Promise<Plan> {
  const { definition, store, clock } = deps;
  const { key, source, change, stored } = arrived;
  const detection: Detection | undefined = definition.providers[key.provider];
  if (detection === undefined) throw new RangeError(`sync '${definition.name}' has no provider '${key.provider}'`);
  const comparison: Comparison = { ignore: definition.ignore, sets: definition.sets };

  const ask = async (): Promise<Plan> => {
    const readAt = clock.now();
    const current = arrived.origin === 'get' ? undefined : await currentOf(source, change.externalId, arrived.signal);
    if (current === undefined) return unwritten('undecided');
    return planChange(deps, { ...arrived, change: current, origin: 'get', readAt });
  };

  const parkWith = (reason: ParkReason): Plan => planPark(deps, arrived, reason);

  const translated = await translate(
    {
      detection,
      comparison,
      findReferenced: async (sync, externalId) => {
        const referenced = await store.readRecord({ sync, provider: key.provider }, externalId);
        return referenced?.shadow?.isDeleted === false ? referenced.shadow.localId : undefined;
      },
    },
    { ...arrived, lastRow: stored?.row },
  );
  if (translated.kind === 'incomplete') {
    const plan = await ask();
    if (plan.outcome !== 'undecided' || arrived.origin !== 'get') return plan;
    return parkWith({ code: 'SYNC_ROW_INCOMPLETE', message: "the source's get returned a part of the row" });
  }

  const situation = {
    shadow: stored?.shadow,
    change: translated.kind === 'park' ? translated.reason : translated.incoming,
    rules: {
      provider: key.provider,
      ownership: definition.ownership,
      comparison,
      canAsk: source.get !== undefined,
    },
    now: clock.now(),
  };
  const first = decide({ ...situation, around: undefined });
  if (first.kind === 'park') return parkWith(first.reason);
  if (first.kind === 'ask') return ask();
  if (first.kind === 'stale') return withSeen(unwritten('stale'), deps, arrived);
  if (translated.kind === 'park') throw new RangeError('a change that cannot be read was not parked');
  const { incoming, row } = translated;
  if (first.kind === 'no-op') {
    if (stored?.parked === undefined) return withSeen(unwritten('unchanged'), deps, arrived);
    return planWrite(deps, arrived, { incoming, row, decision: { kind: 'note', voices: undefined, nearMiss: false } });
  }
  if (first.kind !== 'look') return planWrite(deps, arrived, { incoming, row, decision: first });

  const found = await lookAround(deps, arrived, incoming);
  if ('code' in found) return parkWith(found);
  const decision = decide({ ...situation, around: found.around });
  if (decision.kind === 'apply' && decision.change !== 'deleted') {
    const parsed = await definition.schema['~standard'].validate(decision.entity);
    if (parsed.issues !== undefined) {
      const message = describeViolations(violationsOf(parsed.issues, decision.entity));
      return parkWith({ code: 'SYNC_ENTITY_INVALID', message });
    }
  }
  return planWrite(deps, arrived, { incoming, row, decision, found });
}

const unwritten = (outcome: Outcome): Plan => ({
  outcome,
  reason: undefined,
  nearMiss: false,
  collect: undefined,
  after: undefined,
});

/** A full read marks what it sees, even if nothing changed. */
function withSeen(plan: Plan, { store }: ChangeDeps, { key, stored, generation }: ArrivedChange): Plan {
  if (stored === undefined || generation === undefined || stored.seen >= generation) return plan;
  return {
    ...plan,
    collect: async (tx) => store.within(tx).seen(key, stored.externalId, generation),
    after: { ...stored, seen: generation },
  };
}

/** The entity that a record belongs to. */
interface Found {
  readonly localId: string;
  readonly matchKey: string | undefined;
  readonly entity: EntityVoices | undefined;
  readonly around: Surroundings;
}

async function lookAround(
  { definition, store, sink }: ChangeDeps,
  { key, change, stored }: ArrivedChange,
  incoming: Incoming,
): Promise<Found | ParkReason> {
  const shadow = stored?.shadow;
  const live = shadow?.isDeleted === false ? shadow : undefined;
  const isUpsert = incoming.kind === 'upsert';
  const matchKey = isUpsert ? definition.match?.(incoming.fields) : stored?.matchKey;
  const matched = isUpsert && matchKey !== undefined ? await store.readMatch(definition.entity, matchKey) : undefined;
  if (live !== undefined && matched !== undefined && matched !== live.localId) return MATCH_TAKEN;
  const localId =
    live?.localId ??
    matched ??
    (isUpsert && matchKey !== undefined ? await askSink(async () => sink.match?.(matchKey)) : undefined) ??
    (shadow?.localId || undefined) ??
    (isUpsert ? sink.newId?.(incoming.fields) : undefined) ??
    hashedId(matchKey === undefined ? [key.sync, key.provider, change.externalId] : [matchKey]);
  const entity = await store.readEntity(definition.entity, localId);
  const records = entity?.records ?? {};
  const own = records[key.provider];
  const fields: Record<string, Fields> = {};
  for (const [provider, externalId] of Object.entries(records)) {
    const isOwn = provider === key.provider && externalId === change.externalId;
    const record = isOwn ? stored : await store.readRecord({ sync: key.sync, provider }, externalId);
    if (record?.shadow?.isDeleted === false) fields[provider] = record.shadow.fields;
  }
  // two records of one provider cannot both be the entity
  if (own !== undefined && own !== change.externalId && fields[key.provider] !== undefined) return MATCH_TAKEN;
  if (live !== undefined) fields[key.provider] = live.fields;
  return {
    localId,
    matchKey,
    entity,
    around: { local: await askSink(() => sink.find(localId)), voices: { fields, speakers: entity?.speakers ?? {} } },
  };
}

const MATCH_TAKEN: ParkReason = {
  code: 'SYNC_MATCH_TAKEN',
  message: 'another record of the same provider, or another entity, has the same match key: correct one of them',
};

const hashedId = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);

/** Sets a record aside with its reason. What is known of it stays. */
export function planPark(
  { store, clock }: Pick<ChangeDeps, 'store' | 'clock'>,
  arrived: ArrivedChange,
  reason: ParkReason,
): Plan {
  const { key, source, change, stored, generation, seenBy, triedIn } = arrived;
  const at = clock.now();
  const bounded = { ...reason, message: boundedText(reason.message, REASON_MAX_LENGTH) };
  const after: StoredRecord = {
    externalId: change.externalId,
    shadow: stored?.shadow,
    row: stored?.row,
    matchKey: stored?.matchKey,
    parked: {
      ...bounded,
      at,
      attempts: (stored?.parked?.attempts ?? 0) + 1,
      triedIn,
      change: source.get === undefined ? JSON.stringify(change) : undefined,
    },
    seen: generation ?? stored?.seen ?? seenBy,
    revision: (stored?.revision ?? 0) + 1,
  };
  return {
    outcome: 'parked',
    reason: bounded,
    nearMiss: false,
    after,
    async collect(tx, runId) {
      const writes = store.within(tx);
      writes.record(key, stored, after);
      writes.item(
        runId,
        itemOf(arrived, 'parked', { reason: bounded, localId: stored?.shadow?.localId, at }),
        after.revision,
      );
    },
  };
}

type WrittenDecision = Extract<Decision, { kind: 'note' | 'echo' | 'apply' }>;

function planWrite(
  { definition, store, sink, clock }: ChangeDeps,
  arrived: ArrivedChange,
  {
    incoming,
    row,
    decision,
    found,
  }: {
    readonly incoming: Incoming;
    readonly row: string | undefined;
    readonly decision: Decision;
    readonly found?: Found;
  },
): Plan {
  if (!isWritten(decision)) throw new RangeError(`a decision '${decision.kind}' is not written`);
  const { key, change, stored, generation, seenBy } = arrived;
  const before = stored?.shadow;
  const at = clock.now();
  const localId = found?.localId ?? before?.localId ?? '';
  const isUpsert = incoming.kind === 'upsert';
  const shadow: Shadow = {
    localId,
    version: incoming.version,
    hash: isUpsert ? incoming.hash : (before?.hash ?? ''),
    fields: isUpsert ? incoming.fields : (before?.fields ?? {}),
    changedAt: at,
    isDeleted: !isUpsert,
    prints: (before?.prints ?? []).filter(
      (print) => print.until + ENDED_PRINT_MS > at && !(decision.kind === 'echo' && print === decision.print),
    ),
  };
  const matchKey = found === undefined ? stored?.matchKey : found.matchKey;
  const after: StoredRecord = {
    externalId: change.externalId,
    shadow,
    row: row ?? stored?.row,
    matchKey,
    parked: undefined,
    seen: generation ?? stored?.seen ?? seenBy,
    revision: (stored?.revision ?? 0) + 1,
  };
  const voices = decision.kind === 'echo' ? undefined : decision.voices;
  const collectInSink = async (tx: UnitOfWork, applied: Extract<Decision, { kind: 'apply' }>): Promise<void> =>
    askSink(async () =>
      sink.collect(tx, {
        kind: applied.change,
        localId,
        entity: applied.entity,
        before: applied.before,
        changed: applied.changed,
        provider: key.provider,
        externalId: change.externalId,
        version: incoming.version,
        origin: incoming.origin,
      }),
    );
  return {
    outcome: decision.kind === 'apply' ? decision.change : decision.kind === 'echo' ? 'echo' : 'unchanged',
    reason: undefined,
    nearMiss: decision.kind !== 'echo' && decision.nearMiss,
    after,
    async collect(tx, runId) {
      if (decision.kind === 'apply') await collectInSink(tx, decision);
      const writes = store.within(tx);
      writes.record(key, stored, after);
      if (found !== undefined && voices !== undefined) {
        writes.entity(
          definition.entity,
          localId,
          found.entity,
          entityAfter(found, voices, key.provider, change.externalId),
        );
        collectMatch(Object.keys(voices.fields).length === 0);
      }
      if (decision.kind === 'note') return;
      const [outcome, changed] =
        decision.kind === 'apply'
          ? ([decision.change, decision.changed] as const)
          : (['echo', decision.print.fields] as const);
      writes.item(runId, itemOf(arrived, outcome, { changed, localId, version: incoming.version, at }), after.revision);

      function collectMatch(isGone: boolean): void {
        const held = before?.isDeleted === false ? stored?.matchKey : undefined;
        if (held !== undefined && (isGone || held !== matchKey)) writes.unmatch(definition.entity, held, localId);
        if (matchKey !== undefined && isUpsert && held !== matchKey) writes.match(definition.entity, matchKey, localId);
      }
    },
  };
}

const isWritten = (decision: Decision): decision is WrittenDecision =>
  decision.kind === 'note' || decision.kind === 'echo' || decision.kind === 'apply';

/** Undefined once no provider has the entity. */
function entityAfter(
  { entity }: Found,
  { fields, speakers }: Voices,
  provider: string,
  externalId: string,
): Omit<EntityVoices, 'revision'> | undefined {
  const records = { ...entity?.records, [provider]: externalId };
  const having = Object.entries(records).filter(([name]) => fields[name] !== undefined);
  return having.length === 0 ? undefined : { records: Object.fromEntries(having), speakers };
}

const itemOf = (
  { change, origin }: ArrivedChange,
  outcome: ItemRecord['outcome'],
  more: Partial<ItemRecord> & Pick<ItemRecord, 'at'>,
): ItemRecord => ({
  externalId: change.externalId,
  localId: undefined,
  outcome,
  changed: [],
  version: change.version,
  origin,
  reason: undefined,
  ...more,
});
