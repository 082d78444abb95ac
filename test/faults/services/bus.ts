import type { NewEventRecord } from '../../../lib/outbox/event-record.ts';
import type { Dealer } from '../dealer.ts';
import type { FaultKind } from '../fault-kinds.ts';
import type { Simulation } from '../simulation.ts';

/** What the bus delivers to: a rule's target. */
export interface Target {
  /** Undefined for an event that the rule does not match, or before there is a rule. */
  matches(event: NewEventRecord): boolean;
  /** Whether the consumer finds out by itself, sooner or later, what never arrived. */
  findsWhatIsLost(event: NewEventRecord): boolean;
  deliver(event: NewEventRecord): void;
  /** Events that the bus could not deliver: the rule's dead-letter queue. */
  readonly undeliverable: Set<NewEventRecord>;
  /** Events of which the bus has lost every copy for good. */
  readonly lost: Set<NewEventRecord>;
  readonly delivered: Set<NewEventRecord>;
}

/** An event bus with a rule for each consumer: at least once, in any order, rarely not at all. */
export interface Bus {
  take(event: NewEventRecord): void;
  /** Delivers again what could not be delivered. */
  redeliver(): void;
}

export function createBus(sim: Simulation, dealer: Dealer, targets: readonly Target[]): Bus {
  const deliverIn = (delayMs: number, target: Target, event: NewEventRecord) =>
    sim.after(delayMs, () => {
      target.lost.delete(event);
      target.delivered.add(event);
      target.deliver(event);
    });

  const route = (target: Target, event: NewEventRecord) => {
    const can = (kind: FaultKind) =>
      kind === 'bus duplicates' ||
      kind === 'bus delays' ||
      kind === 'bus cannot deliver' ||
      (kind === 'bus loses' && target.findsWhatIsLost(event));
    const fault = dealer.deal(can);
    if (fault?.kind === 'bus loses') {
      if (!target.delivered.has(event)) target.lost.add(event);
      return;
    }
    if (fault?.kind === 'bus cannot deliver') return void target.undeliverable.add(event);
    const delayMs = sim.between(5, 60) + (fault?.kind === 'bus delays' ? fault.ms : 0);
    deliverIn(delayMs, target, event);
    if (fault?.kind === 'bus duplicates') deliverIn(delayMs + fault.ms, target, event);
  };

  return {
    take(event) {
      for (const target of targets) if (target.matches(event)) route(target, event);
    },
    redeliver() {
      for (const target of targets) {
        for (const event of target.undeliverable) deliverIn(sim.between(5, 60), target, event);
        target.undeliverable.clear();
      }
    },
  };
}
