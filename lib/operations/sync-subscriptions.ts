import type { EpochMs } from '../shared/time.ts';
import type {
  ActiveRun,
  ItemRecord,
  RunRecord,
  ScheduleStore,
  StoredRecord,
  StoredSchedule,
  SubscriptionKey,
  SyncAction,
  SyncScope,
  SyncStore,
} from '../sync/index.ts';

export interface SyncReadDeps {
  readonly store: SyncStore;
  readonly schedules: ScheduleStore;
}

/** One scope of a subscription: what is read, and when. */
export interface ScopeStatus {
  readonly scope: SyncScope;
  /** The run that is under way. */
  readonly run: ActiveRun | undefined;
  readonly lastSuccessAt: EpochMs | undefined;
  /** Runs in a row that failed or left parked records. */
  readonly setbacks: number;
  /** Undefined before its first run, and for a scope without a schedule. */
  readonly schedule: Pick<StoredSchedule, 'schedule' | 'stopped'> | undefined;
}

/** A provider's subscription of the current tenant. */
export interface SubscriptionStatus {
  readonly provider: string;
  readonly scopes: readonly ScopeStatus[];
  /** At most `MOST_COUNTED`. */
  readonly parked: number;
  /** The newest first, without changes that were carried here. */
  readonly runs: readonly RunRecord[];
  /** What people did, the newest first. */
  readonly actions: readonly SyncAction[];
}

/** Parked records that are counted. */
export const MOST_COUNTED_PARKED = 1_000;

const SCOPES = ['increment', 'full'] as const;

/** How a subscription is. @param most runs and actions that are listed */
export async function readSubscription(
  { store, schedules }: SyncReadDeps,
  key: SubscriptionKey,
  most: number,
): Promise<SubscriptionStatus> {
  const scopes = await Promise.all(
    SCOPES.map(async (scope): Promise<ScopeStatus> => {
      const [state, schedule] = await Promise.all([
        store.readScope({ ...key, scope }),
        schedules.read({ ...key, scope }),
      ]);
      const { run, lastSuccessAt, setbacks = 0 } = state;
      return { scope, run, lastSuccessAt, setbacks, schedule };
    }),
  );
  const parked = await listParked({ store }, key, MOST_COUNTED_PARKED);
  const runs = await collect(
    most,
    (after) => store.runs(key, after),
    ({ mode }) => mode !== 'change',
  );
  const actions = await collect(most, (after) => store.actions(key, after));
  return { provider: key.provider, scopes, parked: parked.length, runs, actions };
}

/** Records that wait, with their reasons, the longest first. */
export const listParked = (
  { store }: Pick<SyncReadDeps, 'store'>,
  key: SubscriptionKey,
  most: number,
): Promise<readonly StoredRecord[]> => collect(most, (after) => store.parked(key, after));

/** What a run did with its records, and the run. @returns undefined if there is no such run */
export async function readRun(
  { store }: Pick<SyncReadDeps, 'store'>,
  key: SubscriptionKey,
  runId: string,
  most: number,
): Promise<{ readonly run: RunRecord; readonly items: readonly ItemRecord[] } | undefined> {
  const run = await store.readRun(key, runId);
  if (run === undefined) return undefined;
  return { run, items: await collect(most, (after) => store.items(runId, after)) };
}

async function collect<Item>(
  most: number,
  page: (after: string | undefined) => Promise<{ readonly items: readonly Item[]; readonly next: string | undefined }>,
  isWanted: (item: Item) => boolean = () => true,
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let after: string | undefined;
  do {
    const { items, next } = await page(after);
    found.push(...items.filter(isWanted));
    after = next;
  } while (after !== undefined && found.length < most);
  return found.slice(0, most);
}
