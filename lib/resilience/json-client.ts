import type { StandardSchemaV1 } from '@standard-schema/spec';
import { problemOfExternalUrl } from '../definitions/index.ts';
import { violationsOf } from '../shared/schema-issues.ts';
import type { Clock } from '../shared/time.ts';
import {
  ExternalResponseInvalidError,
  ExternalUrlInvalidError,
  IdempotencyKeyReusedError,
  type Mismatch,
} from './errors.ts';
import { type Exchanged, exchange } from './exchange.ts';
import type { Policy } from './policy.ts';
import { errorOfStatus, type ForeignError, readRetryAfter } from './status-error.ts';

export interface JsonCall<Answer> {
  /** Path below the base URL: `/v2/charges`. */
  readonly path: string;
  readonly body: unknown;
  /**
   * Sent as `Idempotency-Key`, percent-encoded if it is not printable ASCII. The system MUST process a request once per
   * key. Undefined only for requests that change nothing, such as queries.
   */
  readonly idempotencyKey: string | undefined;
  /** Readers of the body, by status. An empty body is read as undefined. Every other status is an error. */
  readonly answers: Readonly<Record<number, AnswerReader<Answer>>>;
  /** Reads the body of an error; undefined if it is not known. @default - messages have only the status */
  readonly readError?: (status: number, body: unknown) => ForeignError | undefined;
  /** Result to return if the system did not respond. Use it for queries. @default - the error is thrown */
  readonly fallback?: (error: unknown) => Answer | Promise<Answer>;
}

export interface JsonClientOptions {
  /** `https://gateway.example.com`, with or without a path. `http` is allowed for localhost only. */
  readonly baseUrl: string;
  readonly policy: Policy;
  readonly clock: Clock;
  /**
   * Headers of every call, such as credentials. Called before each attempt: cache values that are expensive to get.
   * @default - none
   */
  readonly headers?: (
    signal: AbortSignal,
  ) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** Maximum size of a response. @default DEFAULT_MAX_ANSWER_BYTES */
  readonly maxAnswerBytes?: number;
  /** @default the runtime's */
  readonly fetch?: typeof fetch;
}

/** 1 MiB. */
export const DEFAULT_MAX_ANSWER_BYTES = 1_048_576;

/** Calls an external system with JSON over HTTP, through a policy. */
export interface JsonClient {
  /**
   * @throws ExternalUnavailableError `EXTERNAL_UNAVAILABLE`: connection failed or lost, 5xx, 408, 425
   * @throws ExternalUnauthorizedError `EXTERNAL_UNAUTHORIZED`: 401
   * @throws ExternalThrottledError `EXTERNAL_THROTTLED`: 429
   * @throws ExternalConflictError `EXTERNAL_CONFLICT`: 409
   * @throws IdempotencyKeyReusedError `IDEMPOTENCY_KEY_REUSED`: if `readError` returns `isKeyReused`
   * @throws ExternalRequestRejectedError `EXTERNAL_REQUEST_REJECTED`: any other status without a reader
   * @throws ExternalResponseInvalidError `EXTERNAL_RESPONSE_INVALID`: the body is too long, not JSON, or refused by its
   * reader. Also throws the errors of the policy
   */
  post<Answer>(call: JsonCall<Answer>, signal: AbortSignal): Promise<Answer>;
}

/**
 * @example
 * const client = createJsonClient({ baseUrl: 'https://tax.example.com', policy, clock });
 * const rate = await client.post({ path: '/rates', body, idempotencyKey, answers: { 200: readAs(schema, toRate) } },
 * signal);
 *
 * @throws ExternalUrlInvalidError `EXTERNAL_URL_INVALID` if the base URL is not valid or not encrypted
 */
export function createJsonClient(options: JsonClientOptions): JsonClient {
  const { policy, clock, headers = () => ({}) } = options;
  const { fetch: send = fetch, maxAnswerBytes = DEFAULT_MAX_ANSWER_BYTES } = options;
  const { name: system } = policy;
  const base = readBaseUrl(system, options.baseUrl);

  // built before it is sent, because an invalid request is an error of the caller and not an outage
  const requestOf = async ({ path, body, idempotencyKey }: JsonCall<unknown>, signal: AbortSignal) => {
    const all = new Headers(await headers(signal));
    all.set('accept', 'application/json');
    all.set('content-type', 'application/json');
    if (idempotencyKey !== undefined) all.set('idempotency-key', asHeader(idempotencyKey));
    // a redirected POST would become a GET
    const init = { method: 'POST', headers: all, body: JSON.stringify(body), redirect: 'manual', signal } as const;
    return new Request(`${base}${path}`, init);
  };

  const errorOf = ({ readError, idempotencyKey }: JsonCall<unknown>, answer: Exchanged) => {
    const { status, kind } = answer;
    const known = readError?.(status, answer.isWhole ? parse(answer.text) : undefined);
    if (known?.isKeyReused === true && idempotencyKey !== undefined) {
      return new IdempotencyKeyReusedError(system, idempotencyKey);
    }
    const retryAfterSeconds = readRetryAfter(answer.headers.get('retry-after'), clock);
    return errorOfStatus(system, { status, retryAfterSeconds, detail: known?.detail ?? kind });
  };

  return {
    post: (call, signal) =>
      policy.run(
        async (trySignal) => {
          const request = await requestOf(call, trySignal);
          const answer = await exchange(request, { system, send, maxAnswerBytes }, trySignal);
          const { status, text, isWhole, kind } = answer;
          const read = Object.hasOwn(call.answers, status) ? call.answers[status] : undefined;
          if (read === undefined) throw errorOf(call, answer);
          const body = isWhole ? parse(text) : NOT_JSON;
          if (body === NOT_JSON) {
            const expected = isWhole ? 'JSON' : `${maxAnswerBytes} bytes at most`;
            throw new ExternalResponseInvalidError(system, status, [
              { path: '', message: `expected ${expected}, got ${kind}` },
            ]);
          }
          const result = await read(body);
          if ('answer' in result) return result.answer;
          throw new ExternalResponseInvalidError(system, status, result.mismatches);
        },
        { signal, fallback: call.fallback },
      ),
  };
}

const NOT_JSON = Symbol('not JSON');

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
}

/** Encodes `%` too, so that different keys stay different. */
const asHeader = (key: string): string => key.toWellFormed().replace(/[^\x21-\x24\x26-\x7e]/gu, encodeURIComponent);

/**
 * Normalizes the base URL, without a trailing slash.
 * @throws ExternalUrlInvalidError `EXTERNAL_URL_INVALID`
 */
function readBaseUrl(system: string, baseUrl: string): string {
  const problem = problemOfExternalUrl(baseUrl);
  if (problem !== undefined) throw new ExternalUrlInvalidError(system, problem);
  return new URL(baseUrl).href.replace(/\/+$/, '');
}

/** Converts a response body to a result, or lists its mismatches. */
export type AnswerReader<Answer> = (
  body: unknown,
) => Promise<{ readonly answer: Answer } | { readonly mismatches: readonly Mismatch[] }>;

/**
 * Creates a reader that validates the body with `schema` and converts it with `toOurs`: an anti-corruption layer.
 *
 * @example
 * const captured = readAs(z.object({ txnRef: z.string() }), ({ txnRef }) => ({ kind: 'captured', paymentId: txnRef }));
 */
export const readAs =
  <Foreign, Answer>(
    schema: StandardSchemaV1<unknown, Foreign>,
    toOurs: (foreign: Foreign) => Answer,
  ): AnswerReader<Answer> =>
  async (body) => {
    const result = await schema['~standard'].validate(body);
    return result.issues === undefined
      ? { answer: toOurs(result.value) }
      : { mismatches: violationsOf(result.issues, body) };
  };
