import type { Logger } from '@aws-lambda-powertools/logger';
import type {
  AnswerBodyOf,
  ApiDefinition,
  BodyOf,
  IsRead,
  ParamsOf,
  ProblemCodeOf,
  QueryOf,
  RouteProps,
} from '../definitions/index.ts';
import type { EventContext } from '../event/index.ts';
import type { UnitOfWork } from '../outbox/index.ts';
import type { IfMatch, Version } from './etag.ts';
import type { Principal } from './principal.ts';
import type { ProblemError } from './problem.ts';
import type { RequestParts } from './read-request.ts';

/** A request that has passed identity, limits and validation. */
export interface RouteRequest<R extends RouteProps = RouteProps> {
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  readonly body: BodyOf<R>;
  /** Lower-case names; several values of one name are joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The address that the connection comes from, as API Gateway says. It is personal data: do not store, log or publish it.
   */
  readonly sourceIp: string;
  /** Who calls; undefined on a public route. */
  readonly principal: R['scopes'] extends 'public' ? undefined : Principal;
  /** Undefined on a route that is not idempotent. */
  readonly idempotencyKey: R['idempotent'] extends true ? string : undefined;
  /** Undefined if the request has none, which a route with `ifMatch: 'required'` refuses. */
  readonly ifMatch: R['ifMatch'] extends 'required' ? IfMatch : IfMatch | undefined;
}

export interface RouteTools<R extends RouteProps = RouteProps> {
  /**
   * Collects writes and events. They are committed in one transaction after the handler has returned an answer, with
   * the answer under the idempotency key if the route is idempotent. Undefined for GET and HEAD.
   */
  readonly tx: IsRead<R> extends true ? undefined : UnitOfWork;
  /** Writes the correlation id and the route in each line. */
  readonly log: Logger;
  /** Aborted shortly before the invocation times out. */
  readonly signal: AbortSignal;
  /** What the events of `tx` inherit: correlation id, trace and principal. */
  readonly context: EventContext;
  /**
   * Makes one of the route's own refusals, to be thrown. Nothing is committed.
   * @param detail why, for the caller
   * @example throw problem('ORDER_NOT_FOUND', `there is no order ${orderId}`);
   */
  problem(code: ProblemCodeOf<R>, detail?: string): ProblemError;
}

/** What every answer may have. */
export interface AnswerParts {
  /** Version of what the body shows: becomes the header ETag. A GET whose If-None-Match has it is answered 304. */
  readonly etag?: Version;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a handler returns: one of the answers of its route. */
export type RouteResult<R extends RouteProps = RouteProps> = {
  [Status in keyof R['answers'] & number]: AnswerParts & { readonly status: Status } & (AnswerBodyOf<
      R['answers'][Status]
    > extends undefined
      ? { readonly body?: undefined }
      : { readonly body: AnswerBodyOf<R['answers'][Status]> });
}[keyof R['answers'] & number];

/**
 * Answers the requests of a route. If another writer was first (`OUTBOX_CONDITION_FAILED`), it runs again, so that it
 * must leave all effects to `tx`.
 */
export type RouteHandler<R extends RouteProps = RouteProps> = (
  request: RouteRequest<R>,
  tools: RouteTools<R>,
) => RouteResult<R> | Promise<RouteResult<R>>;

/** One handler per route, by its key. */
export type ApiHandlers<Api extends ApiDefinition> = {
  readonly [R in Api['routes'][number] as R['key']]: RouteHandler<R>;
};

/** The request of any route. */
export interface AnyRouteRequest extends RequestParts {
  readonly headers: Readonly<Record<string, string>>;
  readonly sourceIp: string;
  readonly principal: Principal | undefined;
  readonly idempotencyKey: string | undefined;
  readonly ifMatch: IfMatch | undefined;
}

/** Any handler: the compiler has checked it against its route. */
export type AnyRouteHandler = (
  request: AnyRouteRequest,
  tools: Pick<RouteTools, 'log' | 'signal' | 'context'> & {
    readonly tx: UnitOfWork | undefined;
    readonly problem: (code: string, detail?: string) => ProblemError;
  },
) => AnyRouteResult | Promise<AnyRouteResult>;

export type AnyRouteResult = AnswerParts & { readonly status: number; readonly body?: unknown };
