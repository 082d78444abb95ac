import { type Disposition, isWaybillError, ownMember, WaybillError } from '../definitions/index.ts';
import { memberOf } from '../shared/thrown.ts';

/** Refusals that every route can answer with, by code. */
export const PROBLEMS = {
  REQUEST_INVALID: { status: 400, title: 'The request is not valid' },
  BODY_INVALID: { status: 400, title: 'The body is not valid JSON' },
  IDEMPOTENCY_KEY_MISSING: { status: 400, title: 'The header Idempotency-Key is missing' },
  IDEMPOTENCY_KEY_INVALID: { status: 400, title: 'The header Idempotency-Key is not valid' },
  PAGE_TOKEN_INVALID: { status: 400, title: 'The page token does not belong to this query' },
  TOKEN_MISSING: { status: 401, title: 'There is no access token' },
  TOKEN_SUBJECT_INVALID: { status: 401, title: 'The subject of the access token is not valid' },
  SCOPE_MISSING: { status: 403, title: 'The access token has none of the scopes of this route' },
  TENANT_MISSING: { status: 403, title: 'The access token names no tenant' },
  TENANT_INACTIVE: { status: 403, title: 'The tenant is not active' },
  ROUTE_NOT_FOUND: { status: 404, title: 'There is no such route' },
  OPERATION_NOT_FOUND: { status: 404, title: 'There is no such operation' },
  CONFLICT: { status: 409, title: 'Another request was first' },
  IDEMPOTENCY_KEY_IN_FLIGHT: { status: 409, title: 'A request with this Idempotency-Key is being worked on' },
  PRECONDITION_FAILED: { status: 412, title: 'The resource has changed' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  CONTENT_TYPE_UNSUPPORTED: { status: 415, title: 'The body must be JSON' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'The Idempotency-Key came before with another request' },
  PRECONDITION_REQUIRED: { status: 428, title: 'The header If-Match is missing' },
  RATE_LIMITED: { status: 429, title: 'There are too many requests' },
  INTERNAL_ERROR: { status: 500, title: 'The request failed' },
  UNAVAILABLE: { status: 503, title: 'The service is not available' },
  DEADLINE_EXCEEDED: { status: 503, title: 'The request took too long' },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** One wrong value of a request. */
export interface ProblemPointer {
  /** JSON pointer into the request's parts: `#/body/items/0/quantity`, `#/query/limit`, `#/headers/if-match`. */
  readonly pointer: string;
  /** What is wrong, without the value itself. */
  readonly detail: string;
}

export interface ProblemMore {
  /** Why, for this request. The caller reads it. @default - none */
  readonly detail?: string | undefined;
  /** @default - none */
  readonly errors?: readonly ProblemPointer[];
  /** Seconds after which the caller may try again. @default - none */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** A refusal, which the caller reads as problem details. @see https://www.rfc-editor.org/rfc/rfc9457 */
export class ProblemError extends WaybillError {
  readonly code: string;
  override readonly disposition: Disposition = 'permanent';
  readonly status: number;
  readonly title: string;
  readonly detail: string | undefined;
  readonly errors: readonly ProblemPointer[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: string, { status, title }: { readonly status: number; readonly title: string }, more: ProblemMore) {
    super(more.detail === undefined ? title : `${title}: ${more.detail}`, { cause: more.cause });
    this.code = code;
    this.status = status;
    this.title = title;
    this.detail = more.detail;
    this.errors = more.errors;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}

/** A refusal of the edge itself. */
export const problem = (code: ProblemCode, more: ProblemMore = {}): ProblemError =>
  new ProblemError(code, PROBLEMS[code], more);

/** Whether it is a ProblemError, of any bundle. Never throws. */
export const isProblem = (error: unknown): error is ProblemError =>
  isWaybillError(error) &&
  typeof memberOf(error, 'status') === 'number' &&
  typeof memberOf(error, 'title') === 'string';

/** The refusal that an item is not as the caller's If-Match says: for `refused` of a conditional write. */
export const preconditionFailed = (): ProblemError => problem('PRECONDITION_FAILED');

/** Title and status of a code: the route's own, else the edge's. */
export const knownProblem = (
  code: string,
  own: Readonly<Record<string, { readonly status: number; readonly title: string }>>,
): { readonly status: number; readonly title: string } | undefined =>
  ownMember(own, code) ?? ownMember<{ readonly status: number; readonly title: string }>(PROBLEMS, code);
