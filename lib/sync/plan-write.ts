import type { UnitOfWork } from '../outbox/index.ts';
import { boundedText } from '../shared/bounded-text.ts';
import type { EpochMs } from '../shared/time.ts';
import { askSink } from './calls.ts';
import { type Decision, type Incoming, NO_SIGNS, type ParkReason, type Shadow } from './decide.ts';
import { syncDiverged } from './events.ts';
import type { Found } from './look-around.ts';
import type { Voices } from './merge.ts';
import type { ArrivedChange, ChangeDeps, Plan } from './plan.ts';
import { afterEcho, endedPrints, keptPrints, type Print } from './prints.ts';
import type { EntityVoices, ItemRecord, StoredRecord } from './state.ts';

/** Long enough for a list of violations. */
const REASON_MAX_LENGTH = 500;

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
    signs: NO_SIGNS,
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

/** Writes what was decided: the record, its entity's records, the sink's writes and the run's item. */
export function planWrite(
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
    prints: keptPrints(printsAfter(before, decision, incoming, at), at),
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
    signs: decision.kind === 'echo' ? NO_SIGNS : decision.signs,
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
      if (decision.kind !== 'echo' && decision.signs.isDiverged) {
        tx.publish(syncDiverged(definition), { provider: key.provider, localId });
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

function printsAfter(
  before: Shadow | undefined,
  decision: WrittenDecision,
  incoming: Incoming,
  at: EpochMs,
): readonly Print[] {
  const prints = before?.prints ?? [];
  if (decision.kind === 'echo') return afterEcho(prints, decision.print);
  const isSame = incoming.kind === 'upsert' && incoming.hash === before?.hash && decision.voices === undefined;
  return isSame ? prints : endedPrints(prints, at);
}

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

/** The same, once the provider no longer has it. */
export function entityAfterDelete(
  entity: EntityVoices | undefined,
  provider: string,
): Omit<EntityVoices, 'revision'> | undefined {
  const { [provider]: _gone, ...records } = entity?.records ?? {};
  return Object.keys(records).length === 0 ? undefined : { records, speakers: entity?.speakers ?? {} };
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
