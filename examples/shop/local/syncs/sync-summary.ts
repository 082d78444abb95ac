import type { RunStatus } from 'waybill/sync';
import { counted } from '../../../../local/view/counted.ts';
import { SUBSCRIPTIONS } from './shop-syncs.ts';
import type { SyncFacts, SyncItemOfRun, SyncRun } from './sync-facts.ts';

/** What a sync came to with one provider, of all tenants. */
export interface SyncSummary {
  readonly sync: string;
  readonly provider: string;
  /** Runs by how they ended; a change that a webhook carried, or that was written to the provider, is not one. */
  readonly runs: Readonly<Partial<Record<RunStatus, number>>>;
  /** Records whose change took effect, or would have. */
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly echoes: number;
  /** How the effects came about: `poll`, `webhook`, `get` if the provider was asked again, `outbound` if it was written to. */
  readonly by: Readonly<Record<string, number>>;
  /** Records that wait now, and why. */
  readonly parked: readonly ParkedSummary[];
}

interface ParkedSummary {
  readonly tenant: string | null;
  readonly externalId: string;
  readonly code: string;
  readonly message: string;
}

export function summarizeSyncs({ runs, items, records }: SyncFacts): SyncSummary[] {
  const subscriptionOf = new Map(runs.map((run) => [run.runId, keyOf(run)]));
  const itemsOf = Map.groupBy(items, ({ runId }) => subscriptionOf.get(runId));
  return SUBSCRIPTIONS.map(({ sync, provider }) => {
    const key = keyOf({ sync: sync.name, provider });
    const own = itemsOf.get(key) ?? [];
    const countOf = (outcome: SyncItemOfRun['outcome']) => own.filter((item) => item.outcome === outcome).length;
    const effects = own.filter(({ outcome }) => outcome !== 'parked' && outcome !== 'echo');
    return {
      sync: sync.name,
      provider,
      runs: tally(runs.filter((run) => keyOf(run) === key && isRead(run)).map(({ status }) => status)),
      created: countOf('created'),
      updated: countOf('updated'),
      deleted: countOf('deleted'),
      echoes: countOf('echo'),
      by: tally(effects.map(({ origin }) => origin)),
      parked: records.flatMap((each) => {
        const { parked, externalId } = each.record;
        if (parked === undefined || keyOf(each) !== key) return [];
        const { code, message } = parked;
        return [{ tenant: each.tenantId ?? null, externalId, code, message }];
      }),
    };
  });
}

/** Beyond these, parked records are only counted. */
const MOST_PARKED_SHOWN = 3;

export function syncsText(syncs: readonly SyncSummary[]): string[] {
  if (syncs.length === 0) return [];
  return ['', 'Syncs:', ...syncs.flatMap(textOf)];
}

function textOf({ sync, provider, runs, created, updated, deleted, echoes, by, parked }: SyncSummary): string[] {
  const total = Object.values(runs).reduce((sum, count) => sum + count, 0);
  const ends = Object.entries(runs).map(([status, count]) => `${count} ${status}`);
  const ways = Object.entries(by).map(([origin, count]) => `${count} by ${origin}`);
  const more = parked.length - MOST_PARKED_SHOWN;
  return [
    `  ${sync} of ${provider}: ${[
      `${counted(total, 'run')} (${ends.join(', ')})`,
      `${created} created, ${updated} updated, ${deleted} deleted${ways.length === 0 ? '' : ` (${ways.join(', ')})`}`,
      ...(echoes === 0 ? [] : [counted(echoes, 'echo', 'echoes')]),
    ].join(' · ')}`,
    ...parked
      .slice(0, MOST_PARKED_SHOWN)
      .map(
        ({ tenant, externalId, code, message }) =>
          `    parked: ${externalId}${tenant === null ? '' : ` of ${tenant}`}: ${code}: ${message}`,
      ),
    ...(more > 0 ? [`    and ${more} more are parked`] : []),
  ];
}

const isRead = ({ mode }: SyncRun): boolean => mode === 'increment' || mode === 'backfill' || mode === 'reconcile';

const keyOf = ({ sync, provider }: Pick<SyncRun, 'sync' | 'provider'>): string => `${sync}#${provider}`;

const tally = <Name extends string>(names: readonly Name[]): Partial<Record<Name, number>> & Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts as Partial<Record<Name, number>> & Record<string, number>;
};
