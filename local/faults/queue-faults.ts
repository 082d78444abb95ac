import type { SqsFaults } from '../sqs/faults.ts';
import type { Dice } from './dice.ts';
import { passes } from './fault-filter.ts';
import type { FaultPlan, FaultRule } from './fault-plan.ts';
import type { FaultRecord } from './fault-record.ts';
import type { Spares } from './spares.ts';

export interface QueueFaultsDeps {
  readonly plan: FaultPlan;
  readonly dice: Dice;
  readonly record: FaultRecord;
  readonly spares: Spares;
}

type QueueRule = Extract<
  FaultRule,
  { readonly kind: 'early-visibility' | 'held-back-message' | 'lagging-counts' | 'repeated-message' }
>;

/** What SQS does to messages by itself: shows them too early, again or late, and counts them late. */
export function createQueueFaults({ plan, dice, record, spares }: QueueFaultsDeps): Required<SqsFaults> {
  /** @returns for how long, in milliseconds; undefined when nothing happens. */
  const hit = (kind: QueueRule['kind'], queueName: string): number | undefined => {
    for (const [index, rule] of plan.rules.entries()) {
      if (rule.kind !== kind || !('longestMs' in rule) || !record.mayHit(rule)) continue;
      if (!passes({ resources: () => [queueName] }, rule.only)) continue;
      const subject = `rule ${index} ${queueName}`;
      if (!dice.next(subject, rule.oneIn)) continue;
      record.add(rule, queueName);
      return dice.pick(`${subject} hit ${record.countOf(rule)}`, rule.longestMs);
    }
    return undefined;
  };

  return {
    onReceive({ queueName, isFifo, messageId, receiveCount }) {
      const message = { id: messageId, queueName, receiveCount };
      if (!spares.mayDisturb([message])) return undefined;
      const visibleAfterMs = hit('early-visibility', queueName);
      const againAfterMs = isFifo ? undefined : hit('repeated-message', queueName);
      if (visibleAfterMs === undefined && againAfterMs === undefined) return undefined;
      spares.disturb([message]);
      return {
        ...(visibleAfterMs === undefined ? {} : { visibleAfterMs }),
        ...(againAfterMs === undefined ? {} : { againAfterMs }),
      };
    },
    onSend: (queueName) => hit('held-back-message', queueName),
    onCounts: (queueName) => hit('lagging-counts', queueName),
  };
}
