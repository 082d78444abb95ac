import type { CloudEvent } from '../definitions/index.ts';

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
  /** The event that is being handled. The other members are then taken from it. @default - none: an external request */
  readonly cause?: CloudEvent;
}

/** The context of events that are published while `cause` is handled. */
export const causedBy = (cause: CloudEvent): EventContext => ({
  correlationId: cause.correlationid,
  traceparent: cause.traceparent,
  cause,
  ...(cause.tenantid === undefined ? {} : { tenantId: cause.tenantid }),
  ...(cause.tracestate === undefined ? {} : { tracestate: cause.tracestate }),
});
