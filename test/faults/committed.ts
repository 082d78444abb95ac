import type { NewEventRecord } from '../../lib/outbox/event-record.ts';

/** Every event that was committed, by group and in sequence. */
export interface Committed {
  readonly events: readonly NewEventRecord[];
  add(event: NewEventRecord): void;
  ofGroup(group: string): readonly NewEventRecord[];
  byBody(body: string): NewEventRecord;
  byId(id: string): NewEventRecord;
  /** Forgets what the log is to hold no longer; committed it stays. */
  trim(events: readonly NewEventRecord[]): void;
  isLogged(event: NewEventRecord): boolean;
}

export function createCommitted(): Committed {
  const events: NewEventRecord[] = [];
  const groups = new Map<string, NewEventRecord[]>();
  const bodies = new Map<string, NewEventRecord>();
  const ids = new Map<string, NewEventRecord>();
  const trimmed = new Set<NewEventRecord>();
  return {
    events,
    add(event) {
      events.push(event);
      bodies.set(event.body, event);
      ids.set(event.id, event);
      const group = groups.get(event.group) ?? [];
      groups.set(event.group, group);
      group.push(event);
      group.sort((a, b) => a.sequence - b.sequence);
    },
    ofGroup: (group) => groups.get(group) ?? [],
    byBody: (body) => known(bodies.get(body), body),
    byId: (id) => known(ids.get(id), id),
    trim: (gone) => {
      for (const event of gone) trimmed.add(event);
    },
    isLogged: (event) => !trimmed.has(event),
  };
}

function known(event: NewEventRecord | undefined, by: string): NewEventRecord {
  if (event === undefined) throw new Error(`no committed event goes by: ${by}`);
  return event;
}

/** Whether the event stands in a group with others. */
export const isGrouped = ({ group, id }: NewEventRecord): boolean => group !== id;

/** The number that the plan knows the event by; 0 for what a handler has published. */
export const numberOf = ({ body }: NewEventRecord): number =>
  (JSON.parse(body) as { data: { number: number } }).data.number;
