import type { EventIds } from './event-ids.ts';

/** `<version>-<trace-id>-<parent-id>-<flags>` @see https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;
const SAMPLED = '01';

/** A span of the caller's trace, or of a new trace if the caller has none or an invalid one (as W3C requires). */
export function nextTraceparent(caller: string | undefined, ids: EventIds): string {
  const [, traceId = ids.newTraceId(), flags = SAMPLED] = TRACEPARENT.exec(caller ?? '') ?? [];
  return `00-${traceId}-${ids.newSpanId()}-${flags}`;
}
