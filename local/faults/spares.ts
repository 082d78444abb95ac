import type { CarriedMessage } from './carried-messages.ts';
import type { FaultPlan } from './fault-plan.ts';

/** Keeps a plan from hitting one message so often that the plan itself would make a dead letter of it. */
export interface Spares {
  /** `maxReceiveCount` by queue name; a queue without one has no dead letters. */
  learn(maxReceiveCounts: ReadonlyMap<string, number>): void;
  /** False when one of them has had its share, or needs the receives that are left to it. */
  mayDisturb(messages: readonly CarriedMessage[]): boolean;
  /** Counts a disturbance of each. */
  disturb(messages: readonly CarriedMessage[]): void;
}

const DEFAULT_MOST_PER_MESSAGE = 2;

/** One receive to succeed on, and one to spare for the collateral of faults elsewhere. */
const SPARED_RECEIVES = 2;

export function createSpares(plan: Pick<FaultPlan, 'mostPerMessage' | 'sparesLastReceives'>): Spares {
  const { mostPerMessage = DEFAULT_MOST_PER_MESSAGE, sparesLastReceives = true } = plan;
  const disturbances = new Map<string, number>();
  let maxReceiveCounts: ReadonlyMap<string, number> = new Map();

  const hasReceivesLeft = ({ queueName = '', receiveCount }: CarriedMessage): boolean => {
    const maxReceiveCount = maxReceiveCounts.get(queueName);
    // what does not tell its count could be on its last receive
    if (maxReceiveCount === undefined || !sparesLastReceives) return true;
    return receiveCount !== undefined && receiveCount <= maxReceiveCount - SPARED_RECEIVES;
  };

  return {
    learn(counts) {
      maxReceiveCounts = counts;
    },
    mayDisturb: (messages) =>
      messages.every((message) => (disturbances.get(message.id) ?? 0) < mostPerMessage && hasReceivesLeft(message)),
    disturb(messages) {
      for (const { id } of messages) disturbances.set(id, (disturbances.get(id) ?? 0) + 1);
    },
  };
}
