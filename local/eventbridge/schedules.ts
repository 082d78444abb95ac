import type { EpochMs } from '../../lib/shared/time.ts';
import type { CancelTask, EngineClock } from '../clock.ts';
import type { Rule } from './rule.ts';
import type { ScheduleExpression } from './schedule-expression.ts';

/** Fires the rules that have a schedule, for as long as they are enabled. */
export interface Schedules {
  /** Starts, restarts or stops a rule's schedule after the rule has changed. */
  follow(rule: Rule): void;
  forget(rule: Rule): void;
  close(): void;
}

/** @param fire gets the rule's ARN and the time at which it was due, which a clock that jumps may have passed. */
export function createSchedules(clock: EngineClock, fire: (ruleArn: string, dueAt: EpochMs) => void): Schedules {
  const cancels = new Map<string, CancelTask>();

  const forget = ({ arn }: Rule) => {
    cancels.get(arn)?.();
    cancels.delete(arn);
  };

  const arm = (ruleArn: string, schedule: ScheduleExpression, after: EpochMs) => {
    const dueAt = schedule.next(after);
    if (dueAt === undefined) return void cancels.delete(ruleArn);
    const cancel = clock.schedule(dueAt - clock.now(), () => {
      arm(ruleArn, schedule, dueAt);
      fire(ruleArn, dueAt);
    });
    cancels.set(ruleArn, cancel);
  };

  return {
    forget,
    follow(rule) {
      forget(rule);
      if (rule.schedule === undefined || !rule.enabled) return;
      arm(rule.arn, rule.schedule, clock.now());
    },
    close() {
      for (const cancel of cancels.values()) cancel();
      cancels.clear();
    },
  };
}
