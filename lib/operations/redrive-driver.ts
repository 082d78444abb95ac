import type { Sleep } from '../shared/backoff.ts';
import { thrownText } from '../shared/thrown.ts';
import { addMs, type Clock, type EpochMs } from '../shared/time.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { type Assessed, assess, observe, READ_TOGETHER, type RedriveEventsDeps } from './redrive-events.ts';
import {
  endOfStage,
  failingTooMuch,
  type RedriveItem,
  type RedriveOutcome,
  type RedriveRun,
  type RedriveStop,
  type TidyResult,
  tallyOf,
} from './redrive-run.ts';
import { CHUNK_SIZE, type RedriveRuns, type RunChange, type RunDriver, type RunLease } from './redrive-runs.ts';
import type { Tidied } from './tidy-dead-letters.ts';

export interface RedriveDriverDeps extends RedriveEventsDeps {
  readonly runs: RedriveRuns;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Deletes the copies of what is handled from the consumer's DLQ. @param progress is called again and again */
  readonly tidy: (progress: () => Promise<void>) => Promise<Tidied>;
}

export interface DriveOptions {
  /** Who drives it: shown to others. */
  readonly driver: string;
  /** Ends this process's part of the run, which anybody may resume. */
  readonly signal: AbortSignal;
  /** Called after each change. */
  readonly onProgress?: (run: RedriveRun) => void;
}

export type DriveResult =
  | { readonly kind: 'ended'; readonly run: RedriveRun }
  /** `signal` was aborted: the run goes on when somebody resumes it. */
  | { readonly kind: 'interrupted'; readonly run: RedriveRun }
  /** This process was too slow, and another one has taken the run. */
  | { readonly kind: 'lost' };

/** How long nobody else may drive a run after its driver has died. A driver extends it with everything it stores. */
const LEASE_MS = 60_000;

export const leaseUntil = (now: EpochMs): EpochMs => addMs(now, LEASE_MS);

/** How often a driver stores something, so that others see that it lives, and it sees what they ask for. */
const STORE_EVERY_MS = 10_000;

const POLL_MS = 1_000;

/** Its time is over: nothing more may be sent. */
class RunLostError extends Error {}

/** The run goes no further for now. */
class RunPausedError extends Error {
  readonly stop: RedriveStop | undefined;
  /** @param stop undefined if `signal` was aborted */
  constructor(stop?: RedriveStop) {
    super('the run goes no further');
    this.stop = stop;
  }
}

/**
 * Drives a run stage by stage: sends the events of a stage from the log, waits until each was handled or has failed again,
 * and goes on unless too many have failed with one fingerprint.
 *
 * Events are marked before they are sent. If the process dies in between, the next driver sends them again: the inbox knows
 * those that were handled.
 * @param elsewhere the events that another run has
 */
export async function driveRedrive(
  deps: RedriveDriverDeps,
  lease: RunLease,
  taken: RedriveRun,
  options: DriveOptions,
  elsewhere: ReadonlySet<string> = new Set(),
): Promise<DriveResult> {
  const driving = createDriving(deps, lease, taken, await deps.runs.items(lease.runId), options);
  try {
    await driving.sendAll(elsewhere);
    return await driving.end(undefined);
  } catch (error) {
    if (error instanceof RunLostError) return { kind: 'lost' };
    if (error instanceof RunPausedError && error.stop !== undefined) return driving.end(error.stop);
    if (error instanceof RunPausedError) return { kind: 'interrupted', run: await driving.release() };
    // if this fails, too, its time ends by itself
    await driving.release().catch(() => undefined);
    throw error;
  }
}

/** Ends a run that nobody drives, at somebody's wish. */
export async function endRedrive(
  deps: RedriveDriverDeps,
  lease: RunLease,
  run: RedriveRun,
  stop: RedriveStop,
  driver: string,
): Promise<DriveResult> {
  const chunks = await deps.runs.items(lease.runId);
  return createDriving(deps, lease, run, chunks, { driver, signal: new AbortController().signal }).end(stop);
}

function createDriving(
  deps: RedriveDriverDeps,
  lease: RunLease,
  taken: RedriveRun,
  chunks: readonly (readonly RedriveItem[])[],
  { driver, signal, onProgress = () => undefined }: DriveOptions,
) {
  const { runs, clock, sleep, queue } = deps;
  const items = chunks.flat();
  const changed = new Set<number>();
  const limiter = createRateLimiter({ unitsPerSecond: taken.terms.eventsPerSecond, clock, sleep });
  const { patienceMs, maxFailedRatio, eventsPerSecond } = taken.terms;
  // what is being sent when a driver dies is sent again, so it is little
  const batchSize = Math.max(1, Math.min(READ_TOGETHER, Math.floor((eventsPerSecond * STORE_EVERY_MS) / 1_000)));
  let run = taken;
  let storedAt = clock.now();
  let progressAt = clock.now();

  const placesOf = (outcome: RedriveOutcome, from = 0, to = items.length): readonly number[] =>
    Array.from({ length: to - from }, (_, at) => from + at).filter((place) => items[place]?.outcome === outcome);

  const set = (place: number, item: RedriveItem): void => {
    if (items[place]?.outcome !== item.outcome) progressAt = clock.now();
    items[place] = item;
    changed.add(Math.floor(place / CHUNK_SIZE));
  };

  const takeChange = (): RunChange => {
    run = { ...run, tally: tallyOf(items) };
    const numbers = [...changed];
    changed.clear();
    return {
      run,
      chunks: new Map(numbers.map((number) => [number, items.slice(number * CHUNK_SIZE, (number + 1) * CHUNK_SIZE)])),
    };
  };

  const until = (): RunDriver => ({ name: driver, until: leaseUntil(clock.now()) });

  const save = async () => {
    const saved = await runs.save(lease, takeChange(), until());
    if (saved === 'lost') throw new RunLostError();
    storedAt = clock.now();
    onProgress(run);
    return saved;
  };

  const store = async (): Promise<void> => {
    const { stopRequest } = await save();
    if (stopRequest !== undefined) throw new RunPausedError({ kind: 'asked', ...byOf(stopRequest) });
    if (signal.aborted) throw new RunPausedError();
  };

  const isDue = () => clock.now() - storedAt >= STORE_EVERY_MS;

  /** Looks at events that were sent. */
  const refresh = async (places: readonly number[]): Promise<void> => {
    for (let start = 0; start < places.length; start += READ_TOGETHER) {
      const some = places.slice(start, start + READ_TOGETHER);
      const seen = await observe(
        deps,
        some.flatMap((place) => items[place] ?? []),
      );
      for (const [at, item] of seen.entries()) {
        const place = some[at] ?? 0;
        if (items[place]?.outcome !== item.outcome) set(place, item);
      }
    }
  };

  const judge = (isOver: boolean): void => {
    const stop = failingTooMuch(items.slice(run.stageFrom, endOfStage(run)), maxFailedRatio, isOver);
    if (stop !== undefined) throw new RunPausedError(stop);
  };

  const send = async (places: readonly number[]): Promise<void> => {
    const assessed = await assess(
      deps,
      places.flatMap((place) => items[place] ?? []),
      run.filter.state,
    );
    for (const [at, one] of assessed.entries()) set(places[at] ?? 0, markOf(one));
    await store();
    const sent = await Promise.allSettled(
      await started(assessed, async ({ event }) => {
        await limiter.spend(1);
        return () => queue.resend(event.group, event.body);
      }),
    );
    const failed = sent.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    for (const place of places) {
      const item = items[place];
      if (item?.outcome === 'sending') set(place, { ...item, outcome: 'waiting' });
    }
    await store();
  };

  /** Waits until no event is `waiting` any more. */
  const settle = async (waiting: () => readonly number[]): Promise<void> => {
    for (;;) {
      await refresh(waiting());
      if (changed.size > 0 || isDue()) await store();
      const left = waiting().length;
      if (left === 0) return;
      judge(false);
      if (clock.now() - progressAt >= patienceMs) throw new RunPausedError({ kind: 'unsettled', waiting: left });
      await sleep(POLL_MS);
      if (signal.aborted) await store();
    }
  };

  const runStage = async (): Promise<void> => {
    const end = endOfStage(run);
    const open = placesOf('open', run.stageFrom, end);
    let lookedAt = clock.now();
    for (let start = 0; start < open.length; start += batchSize) {
      await send(open.slice(start, start + batchSize));
      if (clock.now() - lookedAt < POLL_MS) continue;
      await refresh(placesOf('waiting', run.stageFrom, end));
      judge(false);
      lookedAt = clock.now();
    }
    await settle(() => placesOf('waiting', run.stageFrom, end));
    // a retry may have succeeded meanwhile
    await refresh(placesOf('failed', run.stageFrom, end));
    judge(true);
    run = { ...run, stage: run.stage + 1, stageFrom: end };
    await store();
  };

  const tidy = async (): Promise<TidyResult> => {
    try {
      const { deleted, left } = await deps.tidy(async () => {
        if (isDue()) await save();
      });
      return { kind: 'tidied', deleted, left };
    } catch (error) {
      if (error instanceof RunLostError) throw error;
      // the events are handled all the same
      return { kind: 'failed', problem: thrownText(error) };
    }
  };

  return {
    async sendAll(elsewhere: ReadonlySet<string>): Promise<void> {
      const unsure = placesOf('sending');
      await refresh(unsure);
      for (const place of unsure) {
        const item = items[place];
        if (item?.outcome === 'waiting') set(place, { ...item, outcome: 'open' });
      }
      for (const place of placesOf('open')) {
        const item = items[place];
        if (item !== undefined && elsewhere.has(item.subject)) {
          set(place, { ...item, outcome: 'no-op', noOp: 'in-another-run' });
        }
      }
      await store();
      while (run.stageFrom < run.total) await runStage();
      await settle(() => placesOf('waiting'));
    },

    async end(stop: RedriveStop | undefined): Promise<DriveResult> {
      try {
        await refresh([...placesOf('waiting'), ...placesOf('failed')]);
        run = { ...run, tidied: await tidy() };
        run = ended(run, stop, driver, clock.now());
        if ((await runs.end(lease, takeChange())) === 'lost') return { kind: 'lost' };
      } catch (error) {
        if (error instanceof RunLostError) return { kind: 'lost' };
        throw error;
      }
      onProgress(run);
      return { kind: 'ended', run };
    },

    async release(): Promise<RedriveRun> {
      await runs.release(lease, takeChange());
      return run;
    },
  };
}

/** Begins to send at the pace of the limiter, without waiting for each answer. */
async function started(
  assessed: readonly Assessed[],
  begin: (one: Extract<Assessed, { event: unknown }>) => Promise<() => Promise<void>>,
): Promise<readonly Promise<void>[]> {
  const sends: Promise<void>[] = [];
  for (const one of assessed) {
    if (one.noOp !== undefined) continue;
    const send = (await begin(one))();
    // it is awaited later: until then its failure has a handler
    send.catch(() => undefined);
    sends.push(send);
  }
  return sends;
}

const markOf = ({ item, noOp }: Assessed): RedriveItem =>
  noOp === undefined ? { ...item, outcome: 'sending' } : { ...item, outcome: 'no-op', noOp };

const byOf = ({ by, reason }: { readonly by: string; readonly reason: string | undefined }) => ({ by, reason });

function ended(run: RedriveRun, stop: RedriveStop | undefined, driver: string, at: EpochMs): RedriveRun {
  const what = stop === undefined ? ('finished' as const) : ('stopped' as const);
  const asked = stop?.kind === 'asked' ? stop : undefined;
  const entry = { what, at, by: asked?.by ?? driver, reason: asked?.reason };
  return { ...run, status: what, stop, history: [...run.history, entry] };
}
