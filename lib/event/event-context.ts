import type { CloudEvent } from '../definitions/index.ts';
import { type EventPrincipal, principalOf } from './event-principal.ts';

/** What an event inherits from the request or the event that caused it. */
export interface EventContext {
  /** @default - a new id, shared by all events of the transaction; an empty string counts as unset */
  readonly correlationId?: string;
  /** @default - none */
  readonly tenantId?: string;
  /** W3C `traceparent` of the caller. @default - a new trace */
  readonly traceparent?: string;
  /** W3C `tracestate` of the caller. @default - none; an empty string counts as unset */
  readonly tracestate?: string;
  /** Who causes it. @default - not known */
  readonly principal?: EventPrincipal;
  /** The event that is being handled. The other members are then taken from it. @default - none: an external request */
  readonly cause?: CloudEvent;
}

/** The context of events that are published while `cause` is handled. */
export function causedBy(cause: CloudEvent): EventContext {
  const principal = principalOf(cause);
  return {
    correlationId: cause.correlationid,
    traceparent: cause.traceparent,
    cause,
    ...(cause.tenantid === undefined ? {} : { tenantId: cause.tenantid }),
    ...(cause.tracestate === undefined ? {} : { tracestate: cause.tracestate }),
    ...(principal === undefined ? {} : { principal }),
  };
}
