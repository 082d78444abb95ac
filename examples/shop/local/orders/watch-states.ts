import type { EngineClock } from '../../../../local/clock.ts';
import { countByState, type OrderState, type OrderStates } from './order-states.ts';

export interface WatchStatesOptions {
  readonly read: () => Promise<OrderStates>;
  readonly clock: EngineClock;
  readonly onError: (error: unknown) => void;
}

export interface StateWatch extends Disposable {
  /** Orders by state, as of the last look. */
  counts(): ReadonlyMap<OrderState, number>;
  /** Looks once more, now. */
  refresh(): Promise<void>;
}

const LOOK_EVERY_MS = 200;

/** A look reads the whole table: with many orders it is taken less often, so that the run is not held up by it. */
const REST_PER_LOOK = 10;

/** Keeps looking which state the orders are in. */
export function watchStates({ read, clock, onError }: WatchStatesOptions): StateWatch {
  let counts: ReadonlyMap<OrderState, number> = new Map();
  let isOver = false;
  let cancel = () => {};

  const refresh = async () => {
    counts = countByState(await read());
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
