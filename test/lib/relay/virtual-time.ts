import type { Clock, EpochMs } from '../../../lib/shared/time.ts';

export interface VirtualTime {
  readonly clock: Clock;
  sleep(ms: number): Promise<void>;
  signalAfter(ms: number): AbortSignal;
  /** Every wait that was asked for, in order. */
  readonly sleptMs: readonly number[];
}

interface Alarm {
  readonly dueAt: number;
  readonly ring: () => void;
}

/** Time that jumps to the next alarm whenever nothing else is left to do. */
export function createVirtualTime(startsAt: number): VirtualTime {
  let now = startsAt;
  const alarms: Alarm[] = [];
  const sleptMs: number[] = [];

  const ringNext = () => {
    alarms.sort((a, b) => a.dueAt - b.dueAt);
    const alarm = alarms.shift();
    if (alarm === undefined) return;
    now = Math.max(now, alarm.dueAt);
    alarm.ring();
    if (alarms.length > 0) setImmediate(ringNext);
  };

  const setAlarm = (ms: number, ring: () => void) => {
    alarms.push({ dueAt: now + ms, ring });
    if (alarms.length === 1) setImmediate(ringNext);
  };

  return {
    clock: { now: () => now as EpochMs },
    sleptMs,
    sleep: (ms) => {
      sleptMs.push(ms);
      return new Promise((resolve) => setAlarm(ms, resolve));
    },
    signalAfter: (ms) => {
      const controller = new AbortController();
      setAlarm(ms, () => controller.abort());
      return controller.signal;
    },
  };
}
