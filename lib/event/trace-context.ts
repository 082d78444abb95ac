import type { EventIds } from './event-ids.ts';

/** `<version>-<trace-id>-<parent-id>-<flags>` @see https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;
const SAMPLED = '01';

/** A span of the caller's trace; of a new trace where the caller has none, or one that cannot be read (as W3C asks). */
export function nextTraceparent(caller: string | undefined, ids: EventIds): string {
  const [, traceId = ids.newTraceId(), flags = SAMPLED] = TRACEPARENT.exec(caller ?? '') ?? [];
  return `00-${traceId}-${ids.newSpanId()}-${flags}`;
}
