import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { EventContext, EventPrincipal } from '../event/index.ts';
import type { ApiEvent } from './principal.ts';

/** One call of the function. */
export interface Call {
  readonly event: ApiEvent;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The caller's, or a new one. */
  readonly correlationId: string;
  /** Writes the ids of the call in each line. */
  readonly log: Logger;
  readonly context: Context;
}

/** Safe in a header, a log and an event's attribute. */
const CORRELATION_ID = /^[A-Za-z0-9._:-]{1,128}$/;

export function openCall(
  apiName: string,
  event: ApiEvent,
  context: Context,
  { logger, newCorrelationId }: { readonly logger: Logger; readonly newCorrelationId: () => string },
): Call {
  const headers = headersOf(event);
  const { 'x-correlation-id': given = '' } = headers;
  const correlationId = CORRELATION_ID.test(given) ? given : newCorrelationId();
  const log = logger.createChild();
  log.appendKeys({
    api: apiName,
    route: event.routeKey,
    correlation_id: correlationId,
    request_id: event.requestContext.requestId,
    function_request_id: context.awsRequestId,
  });
  return { event, headers, correlationId, log, context };
}

/** What the events of the call inherit. */
export function eventContextOf({ headers, correlationId }: Call, principal: EventPrincipal | undefined): EventContext {
  const { traceparent, tracestate } = headers;
  return {
    correlationId,
    ...(traceparent === undefined ? {} : { traceparent }),
    // without its trace, the state belongs to none
    ...(traceparent === undefined || tracestate === undefined ? {} : { tracestate }),
    ...(principal === undefined ? {} : { principal }),
  };
}

const headersOf = ({ headers }: ApiEvent): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name.toLowerCase(), value]])),
  );
