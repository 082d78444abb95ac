import type { Detection } from '../definitions/index.ts';
import { describeViolations, violationsOf } from '../shared/schema-issues.ts';
import type { EpochMs } from '../shared/time.ts';
import { currentOf } from './calls.ts';
import type { Comparison } from './canonical-json.ts';
import { decide, NO_SIGNS, type ParkReason } from './decide.ts';
import { lookAround } from './look-around.ts';
import type { ArrivedChange, ChangeDeps, Outcome, Plan } from './plan.ts';
import { planPark, planWrite } from './plan-write.ts';
import { translate } from './translate.ts';

/** Decides what a change comes to, and what is to be written. Reads what it needs, writes nothing. */
export async function planChange(deps: ChangeDeps, arrived: ArrivedChange): Promise<Plan> {
  const { definition, store, clock } = deps;
  const { key, source, change, stored } = arrived;
  const detection: Detection | undefined = definition.providers[key.provider];
  if (detection === undefined) throw new RangeError(`sync '${definition.name}' has no provider '${key.provider}'`);
  const comparison: Comparison = { ignore: definition.ignore, sets: definition.sets };

  const ask = async (): Promise<Plan> => {
    // the record was read before: the answer has what was written to the provider until then, whatever its clock says
    const written = stored?.shadow?.prints.map(({ at }) => at) ?? [];
    const readAt = Math.max(clock.now(), ...written) as EpochMs;
    const current = await currentOf(source, change.externalId, arrived.signal);
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
    if (arrived.origin !== 'get') return ask();
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
      isOutbound: detection.outbound,
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
    return planWrite(deps, arrived, { incoming, row, decision: { kind: 'note', voices: undefined, signs: NO_SIGNS } });
  }
  if (first.kind !== 'look') return planWrite(deps, arrived, { incoming, row, decision: first });

  const found = await lookAround(deps, arrived, incoming, detection);
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
  signs: NO_SIGNS,
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
