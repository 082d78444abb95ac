import { PUT_EVENTS_MAX_ENTRIES } from '../../definitions/index.ts';
import { type Backoff, type PauseDeps, pause } from '../../shared/backoff.ts';
import { createSemaphore } from '../../shared/semaphore.ts';
import { type BusEntry, type EventRecord, fitsIntoCall } from '../event-record.ts';
import type { PublishFailure } from './failure.ts';
import type { EntryResult, EventPublisher } from './ports.ts';
import type { TimeWindow } from './time-window.ts';

/** An event to be published. */
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

/** The result of a plan. Every event is in exactly one of the lists. */
export interface PublishOutcome {
  readonly published: readonly Outgoing[];
  /** Events that cannot be published. */
  readonly refused: readonly FailedEvent[];
  /** Events that were not published, or whose result is not known: they are sent again later. */
  readonly failed: readonly FailedEvent[];
  /** Groups with a failed event. Their later events must wait. */
  readonly stoppedGroups: ReadonlySet<string>;
  /** Number of requests. */
  readonly calls: number;
  /** Number of entries that were sent again after a retryable failure. */
  readonly retries: number;
}

export interface PublishDeps extends PauseDeps {
  readonly publisher: EventPublisher;
  onPublished(outgoing: Outgoing): void;
}

/**
 * Maximum concurrent calls. A shard accepts at most 1,000 writes per second, which is 100 full calls. At about 30 ms
 * per call, three calls keep up and eight catch up. Eight also stay below the 400 calls per second of the smallest
 * Regions.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
 */
const CONCURRENT_CALLS = 8;

/** PutEvents is throttled per second, so a few waits must add up to more than a second. */
const BACKOFF: Backoff = { baseMs: 100, capMs: 5_000 };

const OUT_OF_TIME: PublishFailure = {
  code: 'OUT_OF_TIME',
  message: 'not enough time was left in the invocation to send the event',
};
const HELD_BACK: PublishFailure = { code: 'HELD_BACK', message: 'an earlier event of the group was not published' };
const NO_RESULT: EntryResult = {
  status: 'retryable',
  failure: { code: 'NO_RESULT', message: 'the publisher returned no result for the entry' },
};

/**
 * Sends a plan: calls that share a group run one after another, all others concurrently. If an event of a group fails,
 * the group's unsent events are held back, so that they are not published before it.
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

  /** Halves a rejected request until the invalid entry is alone. The halves run one after another to keep the order. */
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

  /** @returns the entries to retry at once, each with the reason of its failure */
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

/** The properties of an event that planning needs. */
export interface Plannable {
  readonly group: string;
  readonly sequence: number;
  /** As computed by `entrySizeBytes`. */
  readonly sizeBytes: number;
}

export interface PlannedCall<Event extends Plannable> {
  /** In sending order; events of one group by sequence. */
  readonly events: readonly Event[];
  /** Indexes of the calls that must end before this one starts, because they hold earlier events of its groups. */
  readonly after: readonly number[];
}

interface OpenCall<Event extends Plannable> {
  readonly events: Event[];
  readonly after: Set<number>;
  sizeBytes: number;
}

/**
 * Packs events into PutEvents calls by first fit, and never puts an event before the last call that holds an event of
 * its group. The stream orders only the records of one item, so the events of each group are sorted by sequence first,
 * within the positions of their group.
 * @param events in stream order; each fits into a call
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
  // in reverse order, so that `pop` returns the next one
  for (const queue of queues.values()) queue.sort((a, b) => a.sequence - b.sequence).reverse();
  return events.map((event) => queues.get(event.group)?.pop() ?? event);
}
