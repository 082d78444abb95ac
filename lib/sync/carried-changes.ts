import type { HandlerContext } from '../consumer/index.ts';
import type { CloudEvent } from '../definitions/index.ts';
import { SinkFailure, SourceFailure } from './calls.ts';
import type { Change } from './change.ts';
import { SyncCommandError } from './errors.ts';
import { type CarriedChange, syncRequested } from './events.ts';
import type { ArrivedChange, ChangeDeps, Plan } from './plan.ts';
import { planChange } from './plan-change.ts';
import { planPark } from './plan-write.ts';
import type { ChangeSource } from './ports.ts';
import { addCounts, NO_COUNTS } from './state.ts';
import { parkReasonOf } from './take-record.ts';
import type { SyncTelemetry } from './telemetry.ts';

export interface CarriedChangesDeps extends ChangeDeps {
  readonly sources: Readonly<Record<string, ChangeSource>>;
  readonly telemetry: SyncTelemetry;
}

export interface CarriedChanges {
  take(event: CloudEvent<CarriedChange>, context: Pick<HandlerContext, 'tx' | 'signal' | 'afterCommit'>): Promise<void>;
}

/**
 * Takes changes that webhooks and change streams carry, through the decision that runs use. All is committed with the
 * handler's own transaction.
 */
export function createCarriedChanges(deps: CarriedChangesDeps): CarriedChanges {
  const { definition, sources, store, clock, telemetry } = deps;

  const plan = async (arrived: ArrivedChange): Promise<Plan> => {
    try {
      return await planChange(deps, arrived);
    } catch (error) {
      const reason = parkReasonOf(error);
      if (reason !== undefined) return planPark(deps, arrived, reason);
      throw error instanceof SourceFailure || error instanceof SinkFailure ? error.cause : error;
    }
  };

  return {
    async take({ id, hops, data: { provider, trigger, change } }, { tx, signal, afterCommit }) {
      const source = sources[provider];
      if (source === undefined) {
        throw new SyncCommandError(
          `sync '${definition.name}' has no provider '${provider}', it has '${Object.keys(sources).join("', '")}'`,
        );
      }
      const key = { sync: definition.name, provider };
      const startedAt = clock.now();
      const stored = await store.readRecord(key, change.externalId);
      const planned = await plan({
        ...{ key, source, stored, signal },
        change: changeOf(change),
        // a parked record came with a page
        origin: trigger === 'manual' ? 'poll' : trigger,
        readAt: startedAt,
        generation: undefined,
        seenBy: 0,
        triedIn: id,
      });
      if (planned.outcome === 'undecided') {
        // the source has no `get`: a run reads what has changed
        tx.publish(syncRequested(definition), { provider, mode: 'increment', trigger: 'webhook' }, { hops });
        return;
      }
      afterCommit(() => telemetry.recorded(planned, change.externalId));
      if (planned.collect === undefined) return;
      await planned.collect(tx, id).catch((error) => {
        throw error instanceof SinkFailure ? error.cause : error;
      });
      if (planned.outcome === 'unchanged') return;
      const outcome = planned.outcome === 'echo' ? 'echoes' : planned.outcome;
      store.within(tx).run({
        ...key,
        ...{ runId: id, mode: 'change', trigger, actor: undefined, approvedBy: undefined, slice: 1 },
        status: planned.outcome === 'parked' ? 'partial' : 'succeeded',
        startedAt,
        endedAt: clock.now(),
        counts: addCounts(NO_COUNTS, { [outcome]: 1 }),
        reason: planned.reason,
      });
    },
  };
}

/** Without a row, the source is asked. */
const changeOf = ({ kind, externalId, version, raw, complete = true }: CarriedChange['change']): Change => {
  const known = { externalId, ...(version !== undefined && { version }) };
  if (kind === 'delete') return { kind, ...known };
  return { kind, ...known, raw, complete: raw !== undefined && complete };
};
