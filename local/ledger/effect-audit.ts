import { createHash } from 'node:crypto';
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

/** Events that runs of syncs are handled for. */
const RUN_OF_SYNC = /^waybill\.sync\..*\.(requested|continued)$/;

export function createEffectAudit(effects: Effects): EffectAudit {
  const troubles: string[] = [];
  const latest = new Map<string, number>();
  const caused: (Pick<CloudEvent, 'type' | 'source' | 'partitionkey' | 'causationid'> & { readonly digest: string })[] =
    [];
  const runsOfSyncs = new Set<string>();
  let repeatedEffects = 0;
  let orderBreaks = 0;

  /** What a handler publishes twice for one event, it has done twice. A run of a sync publishes for each of its records. */
  const publishedTwice = (): readonly string[] => {
    const times = new Map<string, number>();
    return caused.flatMap(({ type, source, partitionkey, causationid = '', digest }) => {
      const record = runsOfSyncs.has(causationid) ? digest : undefined;
      const key = JSON.stringify([causationid, source, type, partitionkey, record]);
      const count = (times.get(key) ?? 0) + 1;
      times.set(key, count);
      return count === 1
        ? []
        : [`group ${partitionkey}: ${type} was published ${count} times for event ${causationid}`];
    });
  };

  return {
    addEvent({ id, type, source, partitionkey, causationid, data }) {
      if (RUN_OF_SYNC.test(type)) runsOfSyncs.add(id);
      if (causationid === undefined) return;
      const digest = createHash('sha256')
        .update(JSON.stringify(data ?? null))
        .digest('base64url');
      caused.push({ type, source, partitionkey, causationid, digest });
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

    findings() {
      const published = publishedTwice();
      return {
        repeatedEffects: repeatedEffects + published.length,
        orderBreaks,
        troubles: [...published, ...troubles],
      };
    },
  };
}
