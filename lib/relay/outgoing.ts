import { PUT_EVENTS_MAX_BYTES } from '../contracts/index.ts';
import type { OutboxEvent } from '../event/index.ts';
import { entrySizeBytes, fitsIntoCall } from '../event/index.ts';
import type { OutboxRecord } from './outbox-record.ts';
import type { Plannable } from './plan.ts';
import type { BusEntry } from './ports.ts';
import type { Quarantinable } from './quarantine.ts';

/** An event on its way to the bus. */
export interface Outgoing extends Plannable {
  readonly position: string;
  readonly event: OutboxEvent;
  readonly entry: BusEntry;
}

/** Parts what can be sent from what no call would take. */
export function sortOut(records: readonly OutboxRecord[]): { outgoing: Outgoing[]; unpublishable: Quarantinable[] } {
  const outgoing: Outgoing[] = [];
  const unpublishable: Quarantinable[] = [];
  for (const record of records) {
    const { position } = record;
    if (record.kind === 'unpublishable') {
      unpublishable.push({ position, key: record.key, event: undefined, reason: record.reason });
      continue;
    }
    const { event } = record;
    const entry = toEntry(event);
    const sizeBytes = entrySizeBytes(entry);
    if (fitsIntoCall(sizeBytes)) {
      outgoing.push({ position, event, entry, sizeBytes, group: event.group, sequence: event.sequence });
    } else {
      const message = `an entry must be smaller than ${PUT_EVENTS_MAX_BYTES} bytes, this one has ${sizeBytes}`;
      unpublishable.push({ position, key: event, event, reason: { code: 'ENTRY_TOO_LARGE', message } });
    }
  }
  return { outgoing, unpublishable };
}

/** `time` is the commit's, so that an archive replays by when things happened, and a second publication says the same. */
const toEntry = (event: OutboxEvent): BusEntry => ({
  source: event.source,
  detailType: event.type,
  detail: event.event,
  time: event.committedAt,
});
