import { parseEvent } from '../event/index.ts';
import type { EventRecord } from '../outbox/index.ts';
import type { EventIndex } from './ports.ts';
import { type Whereabouts, type WhereDeps, whereIs } from './where.ts';

export interface TraceDeps extends WhereDeps {
  readonly index: Pick<EventIndex, 'ofCorrelation'>;
}

export interface TraceOptions {
  /** Maximum number of events. */
  readonly limit: number;
  /** Is told the number of events so far. */
  readonly onProgress?: (events: number) => void;
}

/** An event of a correlation, where it is, and the events that its handlers published. */
export interface TracedEvent extends Whereabouts {
  /** The id of the event whose handler published it; undefined if a request did. */
  readonly causationId: string | undefined;
  /** From the commit of its cause to its own; undefined if the cause is not in the trace. */
  readonly afterCauseMs: number | undefined;
  /** In the order of their commits. */
  readonly effects: readonly TracedEvent[];
}

export interface Trace {
  readonly correlationId: string;
  readonly events: number;
  /** Whether there are more events than the limit. */
  readonly isCut: boolean;
  /** Events without a cause, and those whose cause is not found: it expired, or is beyond the limit. */
  readonly roots: readonly TracedEvent[];
}

/** How many events are looked for at the consumers at once. */
const AT_ONCE = 10;

/**
 * Reads the events of a correlation that the log still has, as a tree of causes and effects. Costs a read of the index for
 * each 1 MB of keys, a read for each event, and for each event the reads of `whereIs`.
 */
export async function traceCorrelation(correlationId: string, deps: TraceDeps, options: TraceOptions): Promise<Trace> {
  const { found, isCut } = await upTo(options.limit, deps.index.ofCorrelation(correlationId));
  const places = new Map<string, Whereabouts>();
  for (let start = 0; start < found.length; start += AT_ONCE) {
    const some = found.slice(start, start + AT_ONCE);
    const whereabouts = await Promise.all(some.map((event) => whereIs(event, deps)));
    for (const [index, event] of some.entries()) {
      const place = whereabouts[index];
      if (place !== undefined) places.set(event.id, place);
    }
    options.onProgress?.(places.size);
  }
  return { correlationId, events: found.length, isCut, roots: treeOf(found, places) };
}

async function upTo(limit: number, pages: AsyncIterable<readonly EventRecord[]>) {
  const found: EventRecord[] = [];
  for await (const page of pages) {
    found.push(...page);
    if (found.length > limit) break;
  }
  return { found: found.slice(0, limit), isCut: found.length > limit };
}

function treeOf(found: readonly EventRecord[], places: ReadonlyMap<string, Whereabouts>): readonly TracedEvent[] {
  const inOrder = found.toSorted(
    (one, other) =>
      one.committedAt - other.committedAt || one.sequence - other.sequence || (one.id < other.id ? -1 : 1),
  );
  const byId = new Map(inOrder.map((event) => [event.id, event]));
  const byCause = new Map<string | undefined, EventRecord[]>();
  const causeOf = new Map(inOrder.map(({ id, body }) => [id, parseEvent(body).causationid]));
  for (const event of inOrder) {
    const cause = causeOf.get(event.id);
    const known = cause !== undefined && cause !== event.id && byId.has(cause) ? cause : undefined;
    byCause.set(known, [...(byCause.get(known) ?? []), event]);
  }
  const traced = (event: EventRecord): readonly TracedEvent[] => {
    const place = places.get(event.id);
    if (place === undefined) return [];
    const causationId = causeOf.get(event.id);
    const cause = causationId === undefined ? undefined : byId.get(causationId);
    return [
      {
        ...place,
        causationId,
        afterCauseMs: cause === undefined ? undefined : event.committedAt - cause.committedAt,
        effects: (byCause.get(event.id) ?? []).flatMap(traced),
      },
    ];
  };
  return (byCause.get(undefined) ?? []).flatMap(traced);
}
