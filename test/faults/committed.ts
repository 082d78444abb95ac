import type { StoredEvent } from '../../lib/outbox/index.ts';

/** Every event that was committed, by group and in sequence. */
export interface Committed {
  readonly events: readonly StoredEvent[];
  add(event: StoredEvent): void;
  ofGroup(group: string): readonly StoredEvent[];
  byBody(body: string): StoredEvent;
  byId(id: string): StoredEvent;
  /** Forgets what the log is to hold no longer; committed it stays. */
  trim(events: readonly StoredEvent[]): void;
  isLogged(event: StoredEvent): boolean;
}

export function createCommitted(): Committed {
  const events: StoredEvent[] = [];
  const groups = new Map<string, StoredEvent[]>();
  const bodies = new Map<string, StoredEvent>();
  const ids = new Map<string, StoredEvent>();
  const trimmed = new Set<StoredEvent>();
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

function known(event: StoredEvent | undefined, by: string): StoredEvent {
  if (event === undefined) throw new Error(`no committed event goes by: ${by}`);
  return event;
}

/** Whether the event stands in a group with others. */
export const isGrouped = ({ group, id }: StoredEvent): boolean => group !== id;

/** The number that the plan knows the event by; 0 for what a handler has published. */
export const numberOf = ({ body }: StoredEvent): number =>
  (JSON.parse(body) as { data: { number: number } }).data.number;
