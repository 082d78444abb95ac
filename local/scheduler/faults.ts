import type { EpochMs } from '../../lib/shared/time.ts';

/** What goes wrong on demand; the hook is optional and means "nothing" when it is left out or returns undefined. */
export interface SchedulerFaults {
  /** A schedule is due. */
  onDue?(due: DueSchedule): FiringFault | undefined;
}

export interface DueSchedule {
  readonly scheduleArn: string;
  readonly scheduledAt: EpochMs;
}

interface FiringFault {
  /** Waits before the target is invoked. @default 0 */
  readonly delayMs?: number;
  /** The target is invoked once more, this long after the schedule was due. @default not again */
  readonly againAfterMs?: number;
}
