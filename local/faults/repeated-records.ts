import type { StreamMappingFaults } from '../lambda/mappings/stream-faults.ts';
import type { Dice } from './dice.ts';
import { passes } from './fault-filter.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { FaultRecord } from './fault-record.ts';
import { rulesOfKind } from './rules-of-kind.ts';

export interface RepeatedRecordsDeps {
  readonly plan: FaultPlan;
  readonly dice: Dice;
  readonly record: FaultRecord;
}

/** Checkpoints that stream mappings lose. */
export function createRepeatedRecords({ plan, dice, record }: RepeatedRecordsDeps): Required<StreamMappingFaults> {
  const rules = rulesOfKind(plan, 'repeated-records');
  return {
    onStreamBatch({ functionName, streamArn, repeatable }) {
      for (const { rule, index } of rules) {
        if (!record.mayHit(rule) || !passes({ functionName, resources: () => [streamArn] }, rule.only)) continue;
        const subject = `rule ${index} checkpoint ${functionName}`;
        if (!dice.next(subject, rule.oneIn)) continue;
        record.add(rule, `${functionName} lost its place in a shard`);
        return dice.pick(`${subject} ${record.countOf(rule)}`, repeatable);
      }
      return undefined;
    },
  };
}
