import { PUT_EVENTS_MAX_ENTRIES } from '../../contracts/index.ts';
import { fitsIntoCall } from '../bus-entry.ts';

/** What the plan needs to know of an event. */
export interface Plannable {
  readonly group: string;
  readonly sequence: number;
  /** As `entrySizeBytes` counts it. */
  readonly sizeBytes: number;
}

export interface PlannedCall<Event extends Plannable> {
  /** In the order of sending; events of one group by sequence. */
  readonly events: readonly Event[];
  /** Indexes of the calls that must have ended before this one starts: they hold earlier events of its groups. */
  readonly after: readonly number[];
}

interface OpenCall<Event extends Plannable> {
  readonly events: Event[];
  readonly after: Set<number>;
  sizeBytes: number;
}

/**
 * Packs events into as few PutEvents calls as first fit finds, without ever putting an event before the last call that
 * holds an event of its group. The stream orders the records of one item only, so the events of a group first trade
 * places among themselves until they stand by sequence.
 * @param events in stream order, each of which fits into a call
 */
export function planCalls<Event extends Plannable>(events: readonly Event[]): PlannedCall<Event>[] {
  const calls: OpenCall<Event>[] = [];
  const lastCallOf = new Map<string, number>();
  let firstWithRoom = 0;
  for (const event of inGroupOrder(events)) {
    while ((calls[firstWithRoom]?.events.length ?? 0) >= PUT_EVENTS_MAX_ENTRIES) firstWithRoom += 1;
    const previous = lastCallOf.get(event.group);
    let index = Math.max(previous ?? 0, firstWithRoom);
    for (let full = calls[index]; full !== undefined && !hasRoom(full, event); full = calls[index]) index += 1;
    const call = calls[index] ?? { events: [], after: new Set(), sizeBytes: 0 };
    calls[index] = call;
    call.events.push(event);
    call.sizeBytes += event.sizeBytes;
    if (previous !== undefined && previous !== index) call.after.add(previous);
    lastCallOf.set(event.group, index);
  }
  return calls.map((call) => ({ events: call.events, after: [...call.after] }));
}

const hasRoom = <Event extends Plannable>(call: OpenCall<Event>, event: Event): boolean =>
  call.events.length < PUT_EVENTS_MAX_ENTRIES && fitsIntoCall(call.sizeBytes + event.sizeBytes);

function inGroupOrder<Event extends Plannable>(events: readonly Event[]): Event[] {
  const queues = Map.groupBy(events, (event) => event.group);
  // the last comes first, so that `pop` takes the next one
  for (const queue of queues.values()) queue.sort((a, b) => a.sequence - b.sequence).reverse();
  return events.map((event) => queues.get(event.group)?.pop() ?? event);
}
