import type { Clock } from '../shared/time.ts';
import { readBaseUrl } from './base-url.ts';
import { ExternalResponseInvalidError, IdempotencyKeyReusedError } from './errors.ts';
import { type Exchanged, exchange } from './exchange.ts';
import type { Policy } from './policy.ts';
import type { AnswerReader } from './read-answer.ts';
import { readRetryAfter } from './retry-after.ts';
import { errorOfStatus, type ForeignError } from './status-error.ts';

export interface JsonCall<Answer> {
  /** Below the base URL, as the system names it: `/v2/charges`. */
  readonly path: string;
  readonly body: unknown;
  /**
   * Sent as `Idempotency-Key`, percent-encoded where it is not printable ASCII: the system MUST do what is asked once
   * per key. Undefined only where nothing is done, as for a question: its answer is not to be that of last time.
   */
  readonly idempotencyKey: string | undefined;
  /** How to read the body, by status; an empty one is read as undefined. Every other status is an error. */
  readonly answers: Readonly<Record<number, AnswerReader<Answer>>>;
  /** What an error's body says; undefined: nothing that is known. @default - of errors, the status alone is told */
  readonly readError?: (status: number, body: unknown) => ForeignError | undefined;
  /** What to answer where the system did not: for questions. @default - the error is thrown */
  readonly fallback?: (error: unknown) => Answer | Promise<Answer>;
}

export interface JsonClientOptions {
  /** `https://gateway.example.com`; a path is kept. `http` only to this machine. */
  readonly baseUrl: string;
  readonly policy: Policy;
  readonly clock: Clock;
  /** Of every call, such as credentials. Asked before each try: keep what is costly to get. @default - none */
  readonly headers?: (
    signal: AbortSignal,
  ) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** A longer answer is not read. @default DEFAULT_MAX_ANSWER_BYTES */
  readonly maxAnswerBytes?: number;
  /** @default the runtime's */
  readonly fetch?: typeof fetch;
}

/** A mebibyte: much for JSON, little for a function's memory. */
export const DEFAULT_MAX_ANSWER_BYTES = 1_048_576;

/** An external system that takes JSON over HTTP, behind a policy. */
export interface JsonClient {
  /**
   * @throws ExternalUnavailableError `EXTERNAL_UNAVAILABLE`: no connection, a lost one, 5xx, 408, 425
   * @throws ExternalUnauthorizedError `EXTERNAL_UNAUTHORIZED`: 401
   * @throws ExternalThrottledError `EXTERNAL_THROTTLED`: 429
   * @throws ExternalConflictError `EXTERNAL_CONFLICT`: 409
   * @throws IdempotencyKeyReusedError `IDEMPOTENCY_KEY_REUSED`: where `readError` says so
   * @throws ExternalRequestRejectedError `EXTERNAL_REQUEST_REJECTED`: any other status without a reader
   * @throws ExternalResponseInvalidError `EXTERNAL_RESPONSE_INVALID`: a body that is too long, not JSON, or not what its reader takes
   * and what the policy throws
   */
  post<Answer>(call: JsonCall<Answer>, signal: AbortSignal): Promise<Answer>;
}

/**
 * @example
 * const client = createJsonClient({ baseUrl: 'https://tax.example.com', policy, clock });
 * const rate = await client.post({ path: '/rates', body, idempotencyKey, answers: { 200: readAs(schema, toRate) } }, signal);
 *
 * @throws ExternalUrlInvalidError `EXTERNAL_URL_INVALID` for a base URL that is none, or would show what it carries
 */
export function createJsonClient(options: JsonClientOptions): JsonClient {
  const { policy, clock, headers = () => ({}) } = options;
  const { fetch: send = fetch, maxAnswerBytes = DEFAULT_MAX_ANSWER_BYTES } = options;
  const { name: system } = policy;
  const base = readBaseUrl(system, options.baseUrl);

  // apart from sending it: what cannot be asked at all is the caller's mistake, and no outage
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

/** Two keys stay two: what stands for an encoded character is encoded itself. */
const asHeader = (key: string): string => key.toWellFormed().replace(/[^\x21-\x24\x26-\x7e]/gu, encodeURIComponent);
