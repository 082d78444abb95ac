import type { CloudEvent } from '../../lib/definitions/index.ts';
import type { Effects } from './effects.ts';
import type { Consumer } from './topology.ts';

/** An event of the log, and one of those who take it. */
interface Delivery {
  readonly event: CloudEvent;
  readonly group: string;
  readonly sequence: number;
  readonly consumer: Pick<Consumer, 'name'>;
  /** Whether the consumer has to handle it: the order of others depends on those alone. */
  readonly isOwed: boolean;
  readonly inboxKey: string;
}

/** Compares what the log holds with what was had of it, and when. */
export interface EffectAudit {
  /** Takes the log's events in its order: in a group by sequence. */
  addEvent(event: CloudEvent): void;
  addDelivery(delivery: Delivery): void;
  findings(): EffectFindings;
}

interface EffectFindings {
  /** Effects beyond the first of an event at a consumer. */
  readonly repeatedEffects: number;
  /** Events that a strict consumer handled before an earlier one of their group. */
  readonly orderBreaks: number;
  /** One line for each. */
  readonly troubles: readonly string[];
}

export function createEffectAudit(effects: Effects): EffectAudit {
  const troubles: string[] = [];
  const latest = new Map<string, number>();
  const caused = new Map<string, number>();
  let repeatedEffects = 0;
  let orderBreaks = 0;

  return {
    /** What a handler publishes twice for one event, it has done twice. */
    addEvent({ type, source, partitionkey, causationid }) {
      if (causationid === undefined) return;
      const key = JSON.stringify([causationid, source, type, partitionkey]);
      const times = (caused.get(key) ?? 0) + 1;
      caused.set(key, times);
      if (times === 1) return;
      repeatedEffects++;
      troubles.push(`group ${partitionkey}: ${type} was published ${times} times for event ${causationid}`);
    },

    addDelivery({ event, group, sequence, consumer, isOwed, inboxKey }) {
      const again = effects.repeated().get(inboxKey) ?? 0;
      if (again > 0) {
        repeatedEffects += again;
        troubles.push(
          `group ${group}: ${consumer.name} handled ${event.type}, sequence ${sequence}, ${again + 1} times`,
        );
      }
      const place = effects.completedAt(inboxKey);
      const key = `${consumer.name} ${group}`;
      const before = latest.get(key) ?? 0;
      // what is not handled yet would come after everything that is
      if (isOwed) latest.set(key, Math.max(before, place ?? Number.POSITIVE_INFINITY));
      if (place === undefined || place > before || !effects.keptOrder(inboxKey)) return;
      orderBreaks++;
      troubles.push(
        `group ${group}: ${consumer.name} handled ${event.type}, sequence ${sequence}, before an earlier event`,
      );
    },

    findings: () => ({ repeatedEffects, orderBreaks, troubles }),
  };
}
