import type { EpochMs } from '../../lib/shared/time.ts';
import type { CancelTask, EngineClock } from '../clock.ts';
import type { Invocations } from './invocations.ts';
import type { Schedule } from './schedule.ts';

/** Invokes the targets of schedules when they are due. */
export interface Firing {
  follow(schedule: Schedule): void;
  forget(schedule: Schedule): void;
  close(): void;
}

/** @param complete called when a schedule has fired for the last time and its target has been dealt with. */
export function createFiring(
  clock: EngineClock,
  invocations: Invocations,
  complete: (schedule: Schedule) => void,
): Firing {
  const cancels = new Map<string, CancelTask>();

  const arm = (schedule: Schedule, after: EpochMs) => {
    const dueAt = schedule.timetable.next(after);
    if (dueAt === undefined) return false;
    const cancel = clock.schedule(dueAt - clock.now(), () => {
      const isArmed = arm(schedule, dueAt);
      if (!isArmed) cancels.delete(schedule.arn);
      invocations.start(schedule, dueAt, () => {
        if (!isArmed) complete(schedule);
      });
    });
    cancels.set(schedule.arn, cancel);
    return true;
  };

  const forget = ({ arn }: Schedule) => {
    cancels.get(arn)?.();
    cancels.delete(arn);
  };

  return {
    forget,
    follow(schedule) {
      forget(schedule);
      // a rate without a start date is due at the very instant of its creation
      if (schedule.enabled) arm(schedule, (clock.now() - 1) as EpochMs);
    },
    close() {
      for (const cancel of cancels.values()) cancel();
      cancels.clear();
    },
  };
}
