import type { EngineClock } from '../clock.ts';
import { countByStatus } from './order-statuses.ts';

export interface WatchStatusesOptions {
  readonly read: () => Promise<ReadonlyMap<string, string>>;
  readonly clock: EngineClock;
  readonly onError: (error: unknown) => void;
}

export interface StatusWatch extends Disposable {
  /** Orders by status, as of the last look. */
  counts(): ReadonlyMap<string, number>;
  /** Looks once more, now. */
  refresh(): Promise<void>;
}

const LOOK_EVERY_MS = 200;

/** A look reads the whole table: with many orders it is taken less often, so that the run is not held up by it. */
const REST_PER_LOOK = 10;

/** Keeps looking which status the orders have. */
export function watchStatuses({ read, clock, onError }: WatchStatusesOptions): StatusWatch {
  let counts: ReadonlyMap<string, number> = new Map();
  let isOver = false;
  let cancel = () => {};

  const refresh = async () => {
    counts = countByStatus(await read());
  };
  const look = async () => {
    const startedAt = clock.now();
    await refresh();
    const tookMs = clock.now() - startedAt;
    if (!isOver) cancel = clock.schedule(Math.max(LOOK_EVERY_MS, REST_PER_LOOK * tookMs), start);
  };
  const start = () => {
    look().catch((error: unknown) => {
      if (!isOver) onError(error);
    });
  };
  cancel = clock.schedule(LOOK_EVERY_MS, start);

  return {
    counts: () => counts,
    refresh,
    [Symbol.dispose]() {
      isOver = true;
      cancel();
    },
  };
}
