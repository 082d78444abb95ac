import type { SchedulerFaults } from '../scheduler/faults.ts';
import type { Dice } from './dice.ts';
import { passes } from './fault-filter.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { FaultRecord } from './fault-record.ts';
import { rulesOfKind } from './rules-of-kind.ts';

export interface SchedulerFaultsDeps {
  readonly plan: FaultPlan;
  readonly dice: Dice;
  readonly record: FaultRecord;
}

type ScheduleKind = 'inexact-schedule' | 'late-schedule' | 'duplicate-schedule';

/** What the Scheduler does with schedules that are due: within their minute, late, twice. */
export function createSchedulerFaults({ plan, dice, record }: SchedulerFaultsDeps): Required<SchedulerFaults> {
  const hit = (kind: ScheduleKind, scheduleArn: string): number | undefined => {
    const [group = ''] = groupAndName(scheduleArn);
    for (const { rule, index } of rulesOfKind(plan, kind)) {
      if (!record.mayHit(rule) || !passes({ resources: () => [scheduleArn] }, rule.only)) continue;
      const subject = `rule ${index} schedule ${group}`;
      if (!dice.next(subject, rule.oneIn)) continue;
      record.add(rule, `a schedule of ${group}`);
      return dice.pick(`${subject} ${record.countOf(rule)}`, rule.longestMs);
    }
    return undefined;
  };

  return {
    onDue({ scheduleArn }) {
      const delayMs = (hit('inexact-schedule', scheduleArn) ?? 0) + (hit('late-schedule', scheduleArn) ?? 0);
      const againMs = hit('duplicate-schedule', scheduleArn);
      return { delayMs, ...(againMs === undefined ? {} : { againAfterMs: delayMs + againMs }) };
    },
  };
}

/** `arn:aws:scheduler:<region>:<account>:schedule/<group>/<name>`; names of timers are no part of what a seed decides by. */
const groupAndName = (scheduleArn: string): readonly string[] => scheduleArn.split('/').slice(1);
