import { PUT_EVENTS_MAX_ENTRIES } from '../../definitions/index.ts';
import { type Backoff, type PauseDeps, pause } from '../../shared/backoff.ts';
import { createSemaphore } from '../../shared/semaphore.ts';
import { type BusEntry, type EventRecord, fitsIntoCall } from '../event-record.ts';
import type { PublishFailure } from './failure.ts';
import type { EntryResult, EventPublisher } from './ports.ts';
import type { TimeWindow } from './time-window.ts';

/** An event on its way to the bus. */
export interface Outgoing extends Plannable {
  readonly position: string;
  readonly event: EventRecord;
  readonly entry: BusEntry;
}

interface FailedEvent {
  readonly position: string;
  readonly event: EventRecord;
  readonly failure: PublishFailure;
}

/** Every event of the plan is in exactly one of the lists. */
export interface PublishOutcome {
  readonly published: readonly Outgoing[];
  /** Can never be published as they are. */
  readonly refused: readonly FailedEvent[];
  /** Not published, or not known to be: to be sent again later. */
  readonly failed: readonly FailedEvent[];
  /** Whose next event is among the failed: what follows it has to wait. */
  readonly stoppedGroups: ReadonlySet<string>;
  /** Requests that were made. */
  readonly calls: number;
  /** Entries that were sent again after a retryable failure. */
  readonly retries: number;
}

export interface PublishDeps extends PauseDeps {
  readonly publisher: EventPublisher;
  onPublished(outgoing: Outgoing): void;
}

/**
 * Calls under way at once. A shard takes at most 1,000 writes a second, which is 100 full calls: at some 30 ms a call
 * three would keep up, eight catch up, and eight stay below the 400 calls a second of EventBridge's smallest Regions.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
 */
const CONCURRENT_CALLS = 8;

/** PutEvents is throttled by the second, so a few waits must add up to more than one. */
const BACKOFF: Backoff = { baseMs: 100, capMs: 5_000 };

const OUT_OF_TIME: PublishFailure = {
  code: 'OUT_OF_TIME',
  message: 'the invocation had no time left to send the event',
};
const HELD_BACK: PublishFailure = { code: 'HELD_BACK', message: 'an earlier event of the group was not published' };
const NO_RESULT: EntryResult = {
  status: 'retryable',
  failure: { code: 'NO_RESULT', message: 'the publisher returned no result for the entry' },
};

/**
 * Sends a plan: calls that share a group one after the other, all others side by side. Once an event of a group has
 * failed for this invocation, the group's events that were not sent yet are held back, so that they do not overtake it.
 */
export async function publishCalls(
  deps: PublishDeps,
  plan: readonly PlannedCall<Outgoing>[],
  window: TimeWindow,
): Promise<PublishOutcome> {
  const published: Outgoing[] = [];
  const refused: FailedEvent[] = [];
  const failed: FailedEvent[] = [];
  const stoppedGroups = new Set<string>();
  let calls = 0;
  let retries = 0;

  const fail = (outgoing: Outgoing, failure: PublishFailure) => {
    stoppedGroups.add(outgoing.group);
    failed.push({ position: outgoing.position, event: outgoing.event, failure });
  };

  const holdBackStopped = (events: readonly Outgoing[]): readonly Outgoing[] =>
    events.filter((outgoing) => {
      if (!stoppedGroups.has(outgoing.group)) return true;
      fail(outgoing, HELD_BACK);
      return false;
    });

  const send = async (events: readonly Outgoing[]): Promise<void> => {
    let open = holdBackStopped(events);
    let reasons = new Map<Outgoing, PublishFailure>();
    for (let attempt = 1; open.length > 0; attempt += 1) {
      if (deps.clock.now() >= window.until) break;
      calls += 1;
      const answer = await deps.publisher.publish(
        open.map(({ entry }) => entry),
        window.signal,
      );
      if (answer.status === 'request-refused') return isolate(open, answer.failure);
      reasons = sortResults(open, answer.results);
      open = holdBackStopped([...reasons.keys()]);
      if (open.length === 0) return;
      if (!(await pause(deps, BACKOFF, attempt, window.until))) break;
      retries += open.length;
    }
    for (const outgoing of open) fail(outgoing, reasons.get(outgoing) ?? OUT_OF_TIME);
  };

  /** Halves a refused request until the entry at fault stands alone; the halves go one after the other, for the order. */
  const isolate = async (events: readonly Outgoing[], failure: PublishFailure): Promise<void> => {
    const [only, ...others] = events;
    if (only !== undefined && others.length === 0) {
      refused.push({ position: only.position, event: only.event, failure });
      return;
    }
    const middle = Math.ceil(events.length / 2);
    await send(events.slice(0, middle));
    await send(events.slice(middle));
  };

  /** @returns what is worth another try at once, with the reason of this one's failure */
  const sortResults = (events: readonly Outgoing[], results: readonly EntryResult[]): Map<Outgoing, PublishFailure> => {
    const again = new Map<Outgoing, PublishFailure>();
    for (const [index, outgoing] of events.entries()) {
      const result = results[index] ?? NO_RESULT;
      switch (result.status) {
        case 'accepted':
          published.push(outgoing);
          deps.onPublished(outgoing);
          break;
        case 'retryable':
          again.set(outgoing, result.failure);
          break;
        case 'misconfigured':
          fail(outgoing, result.failure);
          break;
        case 'refused':
          refused.push({ position: outgoing.position, event: outgoing.event, failure: result.failure });
          break;
      }
    }
    return again;
  };

  const semaphore = createSemaphore(CONCURRENT_CALLS);
  const ended: Promise<void>[] = [];
  for (const { events, after } of plan) {
    const before = after.map((index) => ended[index]);
    ended.push(Promise.all(before).then(() => semaphore.run(() => send(events))));
  }
  await Promise.all(ended);
  return { published, refused, failed, stoppedGroups, calls, retries };
}

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
