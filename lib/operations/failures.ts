import type { Cursor, CursorStore, FailureIndex, HandledEvents, IndexedFailure } from '../consumer/index.ts';
import type { EpochMs } from '../shared/time.ts';

export interface FailuresDeps {
  readonly consumer: string;
  readonly failures: FailureIndex;
  readonly handled: HandledEvents;
  /** Undefined if `ordering` is 'fifo'. */
  readonly cursors: Pick<CursorStore, 'read'> | undefined;
}

export const FAILURE_STATES = ['retrying', 'deferred', 'dead'] as const;

/** `deferred`: it waits for something else and is retried without limit. `dead`: it is in the DLQ. */
export type FailureState = (typeof FAILURE_STATES)[number];

/** Selects failures. Every criterion that is given must hold. */
export interface FailureFilter {
  readonly fingerprint?: string | undefined;
  /** The event's type. */
  readonly type?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly group?: string | undefined;
  readonly state?: FailureState | undefined;
  /** Failed for the first time before this instant. */
  readonly before?: EpochMs | undefined;
}

/** An event that a consumer has not handled because it fails, or a message that is no event. */
export interface Failure extends Omit<IndexedFailure, 'state' | 'deferred'> {
  readonly consumer: string;
  readonly state: FailureState;
  /**
   * How many later sequences of its group have arrived and wait for it. Includes events of types that the consumer does
   * not take.
   */
  readonly behind: number;
}

/** A consumer's failures with the same fingerprint. */
export interface FailureGroup {
  readonly consumer: string;
  /** Undefined for failures that an older release noted. */
  readonly fingerprint: string | undefined;
  readonly code: string;
  readonly pattern: string | undefined;
  readonly count: number;
  readonly states: Readonly<Record<FailureState, number>>;
  /** Number of failures by event type; of messages that are no events under `''`. */
  readonly types: Readonly<Record<string, number>>;
  /** Number of tenants with such a failure. */
  readonly tenants: number;
  readonly behind: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  /** One of the failures. */
  readonly example: Failure;
}

/**
 * Lists a consumer's failures page by page, in no order. Receives no messages. A failure whose event was handled or
 * skipped meanwhile, for example after a redrive, is left out.
 *
 * Reads one page of the index per 2,500 failures or so, and their cursors or inbox records, a hundred per call.
 */
export async function* listFailures(
  deps: FailuresDeps,
  filter: FailureFilter = {},
): AsyncGenerator<readonly Failure[]> {
  for await (const page of deps.failures.list(filter.fingerprint)) {
    const matching = page.filter((failure) => matches(failure, filter));
    const open = await stillOpen(deps, matching);
    if (open.length > 0) yield open;
  }
}

/**
 * Counts failures by fingerprint, the most frequent first.
 * @param progress is told the number of failures so far
 */
export async function countFailures(
  deps: FailuresDeps,
  filter: FailureFilter = {},
  progress: (failures: number) => void = () => undefined,
): Promise<readonly FailureGroup[]> {
  const tallies = new Map<string, Tally>();
  let failures = 0;
  for await (const page of listFailures(deps, filter)) {
    for (const failure of page) addTo(tallies, failure);
    failures += page.length;
    progress(failures);
  }
  return [...tallies.values()]
    .map(groupOf)
    .toSorted((one, other) => other.count - one.count || one.firstAt - other.firstAt);
}

const stateOf = ({ state, deferred }: IndexedFailure): FailureState => (deferred === true ? 'deferred' : state);

function matches(failure: IndexedFailure, { type, tenantId, group, state, before }: FailureFilter): boolean {
  return (
    (type === undefined || failure.event?.type === type) &&
    (tenantId === undefined || failure.tenantId === tenantId) &&
    (group === undefined || failure.event?.group === group) &&
    (state === undefined || stateOf(failure) === state) &&
    (before === undefined || failure.firstAt < before)
  );
}

/** The cursor tells about an event that holds its group, and the inbox about all others. */
async function stillOpen(deps: FailuresDeps, failures: readonly IndexedFailure[]): Promise<readonly Failure[]> {
  const { consumer, cursors, handled } = deps;
  const heldGroup = ({ holdsGroup, event }: IndexedFailure) => (holdsGroup ? event?.group : undefined);
  const groups = new Set(failures.map(heldGroup).filter((group) => group !== undefined));
  const positions = groups.size === 0 ? undefined : await cursors?.read([...groups]);
  const cursorOf = (failure: IndexedFailure): Cursor | undefined => positions?.get(heldGroup(failure) ?? '');
  const identities = failures
    .filter((failure) => cursorOf(failure) === undefined)
    .flatMap(({ subject, event }) => (event === undefined ? [] : [{ source: event.source, id: subject }]));
  const done = new Set((await handled.among(identities)).map(({ id }) => id));
  return failures.flatMap((failure) => {
    const { state: _, deferred: __, ...facts } = failure;
    const cursor = cursorOf(failure);
    const sequence = failure.event?.sequence ?? 0;
    if (cursor === undefined ? done.has(failure.subject) : cursor.processed >= sequence) return [];
    const behind = cursor === undefined ? 0 : Math.max(cursor.seen - sequence, 0);
    return [{ ...facts, consumer, state: stateOf(failure), behind }];
  });
}

/** The counts of a group while its failures are read. */
interface Tally {
  readonly example: Failure;
  readonly states: Record<FailureState, number>;
  readonly types: Map<string, number>;
  readonly tenants: Set<string>;
  count: number;
  behind: number;
  firstAt: EpochMs;
  lastAt: EpochMs;
}

function addTo(tallies: Map<string, Tally>, failure: Failure): void {
  // without a fingerprint the code is the best that is known
  const key = failure.fingerprint ?? failure.code;
  const tally = tallies.get(key) ?? newTally(failure);
  tallies.set(key, tally);
  const type = failure.event?.type ?? '';
  tally.states[failure.state] += 1;
  tally.types.set(type, (tally.types.get(type) ?? 0) + 1);
  if (failure.tenantId !== undefined) tally.tenants.add(failure.tenantId);
  tally.count += 1;
  tally.behind += failure.behind;
  if (failure.firstAt < tally.firstAt) tally.firstAt = failure.firstAt;
  if (failure.lastAt > tally.lastAt) tally.lastAt = failure.lastAt;
}

const newTally = (example: Failure): Tally => ({
  example,
  states: { retrying: 0, deferred: 0, dead: 0 },
  types: new Map(),
  tenants: new Set(),
  count: 0,
  behind: 0,
  firstAt: example.firstAt,
  lastAt: example.lastAt,
});

const groupOf = ({ types, tenants, ...tally }: Tally): FailureGroup => {
  const { consumer, fingerprint, code, pattern } = tally.example;
  return { consumer, fingerprint, code, pattern, ...tally, types: Object.fromEntries(types), tenants: tenants.size };
};
