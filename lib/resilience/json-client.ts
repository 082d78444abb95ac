import type { Clock } from '../shared/time.ts';
import { ExternalResponseInvalidError, ExternalUnavailableError, IdempotencyKeyReusedError } from './errors.ts';
import type { Policy } from './policy.ts';
import type { AnswerReader } from './read-answer.ts';
import { readRetryAfter } from './retry-after.ts';
import { errorOfStatus } from './status-error.ts';

export interface JsonCall<Answer> {
  /** Below the base URL, as the system names it: `/v2/charges`. */
  readonly path: string;
  readonly body: unknown;
  /** Sent as `Idempotency-Key`: the system MUST do what is asked once per key. */
  readonly idempotencyKey: string;
  /** How to read the body, by status. Every other status is an error. */
  readonly answers: Readonly<Record<number, AnswerReader<Answer>>>;
  /** Whether an error's body says that the key came with another request. @default - no status means that */
  readonly isKeyReused?: (status: number, body: unknown) => boolean;
}

export interface JsonClientOptions {
  /** `https://gateway.example.com`; a path is kept. */
  readonly baseUrl: string;
  readonly policy: Policy;
  readonly clock: Clock;
  /** Of every call, such as credentials. @default - none */
  readonly headers?: Readonly<Record<string, string>>;
  /** @default the runtime's */
  readonly fetch?: typeof fetch;
}

/** An external system that takes JSON over HTTP, behind a policy. */
export interface JsonClient {
  /**
   * @throws ExternalUnavailableError `EXTERNAL_UNAVAILABLE`: no connection, a lost one, 5xx, 408, 425
   * @throws ExternalThrottledError `EXTERNAL_THROTTLED`: 429
   * @throws ExternalConflictError `EXTERNAL_CONFLICT`: 409
   * @throws IdempotencyKeyReusedError `IDEMPOTENCY_KEY_REUSED`: where `isKeyReused` says so
   * @throws ExternalRequestRejectedError `EXTERNAL_REQUEST_REJECTED`: any other status without a reader
   * @throws ExternalResponseInvalidError `EXTERNAL_RESPONSE_INVALID`: a body that is not JSON, or not what its reader takes
   * and what the policy throws
   */
  post<Answer>(call: JsonCall<Answer>, signal: AbortSignal): Promise<Answer>;
}

/**
 * @example
 * const client = createJsonClient({ baseUrl: 'https://tax.example.com', policy, clock });
 * const rate = await client.post({ path: '/rates', body, idempotencyKey, answers: { 200: readAs(schema, toRate) } }, signal);
 */
export function createJsonClient(options: JsonClientOptions): JsonClient {
  const { policy, clock, headers = {}, fetch: send = fetch } = options;
  const { name: system } = policy;
  const base = options.baseUrl.replace(/\/+$/, '');

  const exchange = async (
    { path, body, idempotencyKey }: JsonCall<unknown>,
    signal: AbortSignal,
  ): Promise<{ readonly response: Response; readonly text: string }> => {
    try {
      const response = await send(`${base}${path}`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        body: JSON.stringify(body),
        // a redirected POST would become a GET
        redirect: 'manual',
        signal,
      });
      return { response, text: await response.text() };
    } catch (error) {
      signal.throwIfAborted();
      throw new ExternalUnavailableError(system, `no answer from ${base}: ${reasonOf(error)}`, { cause: error });
    }
  };

  return {
    post: (call, signal) =>
      policy.run(
        async (trySignal) => {
          const { response, text } = await exchange(call, trySignal);
          const { status } = response;
          const body = parse(text);
          const read = call.answers[status];
          if (read === undefined) {
            if (call.isKeyReused?.(status, body) === true) {
              throw new IdempotencyKeyReusedError(system, call.idempotencyKey);
            }
            const retryAfterSeconds = readRetryAfter(response.headers.get('retry-after'), clock);
            throw errorOfStatus(system, { status, retryAfterSeconds, text });
          }
          if (body === NOT_JSON) {
            const message = `expected JSON, got '${text.slice(0, SHOWN_LENGTH)}'`;
            throw new ExternalResponseInvalidError(system, status, [{ path: '', message }]);
          }
          const result = await read(body);
          if ('answer' in result) return result.answer;
          throw new ExternalResponseInvalidError(system, status, result.mismatches);
        },
        { signal },
      ),
  };
}

const SHOWN_LENGTH = 80;

const NOT_JSON = Symbol('not JSON');

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
}

/** `fetch failed` says nothing; its cause has the system's error code. */
function reasonOf(error: unknown): string {
  const { cause = error } = error as { readonly cause?: unknown };
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
  return [code, message].filter((part) => typeof part === 'string' && part !== '').join(' ') || String(error);
}
