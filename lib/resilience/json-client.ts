import { problemOfExternalUrl } from '../definitions/index.ts';
import type { Clock } from '../shared/time.ts';
import type { AnswerReaders } from './answer-reader.ts';
import type { Credentials } from './credentials.ts';
import {
  ExternalRequestRejectedError,
  ExternalResponseInvalidError,
  ExternalUrlInvalidError,
  IdempotencyKeyReusedError,
} from './errors.ts';
import { type Exchanged, exchange } from './exchange.ts';
import { DEFAULT_MAX_PAGES, type JsonPage, listPages } from './list-pages.ts';
import type { Policy, RunLimits } from './policy.ts';
import { type Query, queryText } from './query.ts';
import { errorOfStatus, type ForeignError, readRetryAfter } from './status-error.ts';

/** What calls of all kinds have. */
export interface JsonRequest<Answer> {
  /** Path below the base URL: `/v2/charges`. */
  readonly path: string;
  /** Readers of the body, by status. An empty body is read as undefined. Every other status is an error. */
  readonly answers: AnswerReaders<Answer>;
  /** Reads the body of an error; undefined if it is not known. @default - messages have only the status */
  readonly readError?: (status: number, body: unknown) => ForeignError | undefined;
  /** Timeout of an attempt, and retries, of this call. @default - those of the policy */
  readonly limits?: RunLimits;
}

export interface JsonCall<Answer> extends JsonRequest<Answer> {
  readonly body: unknown;
  /**
   * Sent as `Idempotency-Key`, percent-encoded if it is not printable ASCII. The system MUST process a request once per
   * key. Undefined only for requests that change nothing, such as queries.
   */
  readonly idempotencyKey: string | undefined;
  /** Result to return if the system did not respond. Use it for queries. @default - the error is thrown */
  readonly fallback?: (error: unknown) => Answer | Promise<Answer>;
}

export interface JsonQuery<Answer> extends JsonRequest<Answer> {
  /** @default - none */
  readonly query?: Query;
  /** Result to return if the system did not respond. @default - the error is thrown */
  readonly fallback?: (error: unknown) => Answer | null | Promise<Answer | null>;
}

export interface JsonList<Item> extends JsonRequest<JsonPage<Item>> {
  /** Filters, sorting and the size of a page. @default - none */
  readonly query?: Query;
  /** A list with more pages is an error: 1 or more. @default DEFAULT_MAX_PAGES */
  readonly maxPages?: number;
}

export interface JsonClientOptions {
  /** `https://gateway.example.com`, with or without a path. `http` is allowed for localhost only. */
  readonly baseUrl: string;
  readonly policy: Policy;
  readonly clock: Clock;
  /** Headers of every call. Called before each attempt: cache values that are expensive to get. @default - none */
  readonly headers?: (
    signal: AbortSignal,
  ) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** Whom the system is told that calls are from. After a 401 the next attempt has new ones. @default - none */
  readonly credentials?: Credentials;
  /** Maximum size of a response. @default DEFAULT_MAX_ANSWER_BYTES */
  readonly maxAnswerBytes?: number;
  /** @default the runtime's */
  readonly fetch?: typeof fetch;
}

/** 1 MiB. */
export const DEFAULT_MAX_ANSWER_BYTES = 1_048_576;

/**
 * Calls an external system with JSON over HTTP, through a policy. All methods may throw
 * - ExternalUnavailableError `EXTERNAL_UNAVAILABLE`: connection failed or lost, 5xx, 408, 425
 * - ExternalUnauthorizedError `EXTERNAL_UNAUTHORIZED`: 401
 * - ExternalCredentialsError `EXTERNAL_CREDENTIALS_UNREADABLE`: the secret cannot be read
 * - ExternalThrottledError `EXTERNAL_THROTTLED`: 429
 * - ExternalConflictError `EXTERNAL_CONFLICT`: 409
 * - ExternalRequestRejectedError `EXTERNAL_REQUEST_REJECTED`: any other status without a reader
 * - ExternalResponseInvalidError `EXTERNAL_RESPONSE_INVALID`: the body is too long, not JSON, or refused by its reader
 * - the errors of the policy
 */
export interface JsonClient {
  /** @throws IdempotencyKeyReusedError `IDEMPOTENCY_KEY_REUSED`: if `readError` returns `isKeyReused` */
  post<Answer>(call: JsonCall<Answer>, signal: AbortSignal): Promise<Answer>;

  /**
   * Null for a 404 without a reader: what was asked for does not exist. A wrong base URL looks the same, so let the contract
   * suite find something that exists.
   */
  get<Answer>(call: JsonQuery<Answer>, signal: AbortSignal): Promise<Answer | null>;

  /**
   * The pages of a list. Each is a run of the policy of its own, and is asked for when the one before has been processed.
   *
   * @example
   * const page = readAs(z.object({ data: z.array(rate), after: z.string().nullable() }), ({ data, after }) => ({
   *   items: data,
   *   next: after === null ? undefined : { after },
   * }));
   * for await (const rates of client.list({ path: '/rates', query: { country: 'GB' }, answers: { 200: page } }, signal)) …
   *
   * @throws ExternalPagesRepeatedError `EXTERNAL_PAGES_REPEATED` instead of reading the same pages for ever
   * @throws ExternalPagesUnboundedError `EXTERNAL_PAGES_UNBOUNDED` after `maxPages`
   */
  list<Item>(call: JsonList<Item>, signal: AbortSignal): AsyncIterable<readonly Item[]>;
}

/**
 * @example
 * const client = createJsonClient({ baseUrl: 'https://tax.example.com', policy, clock });
 * const rate = await client.get({ path: '/rates/GB', answers: { 200: readAs(schema, toRate) } }, signal);
 *
 * @throws ExternalUrlInvalidError `EXTERNAL_URL_INVALID` if the base URL is not valid or not encrypted
 */
export function createJsonClient(options: JsonClientOptions): JsonClient {
  const { policy, clock, credentials, headers = () => ({}) } = options;
  const { fetch: send = fetch, maxAnswerBytes = DEFAULT_MAX_ANSWER_BYTES } = options;
  const { name: system } = policy;
  const base = readBaseUrl(system, options.baseUrl);

  /** One attempt. A request that cannot be built is an error of the caller, and not an outage. */
  const attempt = async <Answer>(call: JsonRequest<Answer>, sent: Sent, signal: AbortSignal): Promise<Answer> => {
    const own = await credentials?.forAttempt();
    const all = new Headers({ ...(await headers(signal)), ...own?.headers });
    all.set('accept', 'application/json');
    if (sent.method === 'POST') all.set('content-type', 'application/json');
    if (sent.idempotencyKey !== undefined) all.set('idempotency-key', asHeader(sent.idempotencyKey));
    const { method, url, body = null } = sent;
    // a redirected POST would become a GET, and a redirected GET would take the credentials elsewhere
    const request = new Request(url, { method, headers: all, body, redirect: 'manual', signal });
    const answer = await exchange(request, { system, send, maxAnswerBytes }, signal);
    const { status, text, isWhole, kind } = answer;
    const read = Object.hasOwn(call.answers, status) ? call.answers[status] : undefined;
    if (read === undefined) {
      if (status === 401) own?.refused();
      throw errorOf(call, sent.idempotencyKey, answer);
    }
    const content = isWhole ? parse(text) : NOT_JSON;
    if (content === NOT_JSON) {
      const expected = isWhole ? 'JSON' : `${maxAnswerBytes} bytes at most`;
      throw new ExternalResponseInvalidError(system, status, [
        { path: '', message: `expected ${expected}, got ${kind}` },
      ]);
    }
    const result = await read(content);
    if ('answer' in result) return result.answer;
    throw new ExternalResponseInvalidError(system, status, result.mismatches);
  };

  const errorOf = ({ readError }: JsonRequest<unknown>, idempotencyKey: string | undefined, answer: Exchanged) => {
    const { status, kind } = answer;
    const known = readError?.(status, answer.isWhole ? parse(answer.text) : undefined);
    if (known?.isKeyReused === true && idempotencyKey !== undefined) {
      return new IdempotencyKeyReusedError(system, idempotencyKey);
    }
    const retryAfterSeconds = readRetryAfter(answer.headers.get('retry-after'), clock);
    return errorOfStatus(system, { status, retryAfterSeconds, detail: known?.detail ?? kind });
  };

  const urlOfPage = (
    { path, query = {} }: JsonList<unknown>,
    next: JsonPage<unknown>['next'],
    from: string,
  ): string => {
    if (typeof next !== 'string') return `${base}${path}${queryText({ ...query, ...next })}`;
    const url = URL.parse(next, from)?.href;
    // credentials would go to wherever the link leads
    if (url?.startsWith(`${base}/`)) return url;
    throw new ExternalResponseInvalidError(system, 200, [
      { path: '', message: `expected a link to the next page below ${base}, got another one` },
    ]);
  };

  return {
    async post(call, signal) {
      const { path, body, idempotencyKey, fallback, limits } = call;
      const sent: Sent = { method: 'POST', url: `${base}${path}`, body: JSON.stringify(body), idempotencyKey };
      return policy.run((trySignal) => attempt(call, sent, trySignal), { signal, fallback, limits });
    },

    async get(call, signal) {
      const { path, query = {}, fallback, limits } = call;
      const sent: Sent = { method: 'GET', url: `${base}${path}${queryText(query)}` };
      const asked = (trySignal: AbortSignal) => attempt(call, sent, trySignal).catch(nullIfAbsent);
      return policy.run(asked, { signal, fallback, limits });
    },

    list<Item>(call: JsonList<Item>, signal: AbortSignal) {
      const { path, maxPages = DEFAULT_MAX_PAGES, limits } = call;
      let url = '';
      return listPages<Item>({
        system,
        path,
        maxPages,
        ask(next) {
          url = urlOfPage(call, next, url);
          const sent: Sent = { method: 'GET', url };
          return policy.run((trySignal) => attempt(call, sent, trySignal), { signal, limits });
        },
      });
    },
  };
}

/** What goes out, at each attempt the same. */
interface Sent {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly body?: string;
  readonly idempotencyKey?: string | undefined;
}

function nullIfAbsent(error: unknown): null {
  if (error instanceof ExternalRequestRejectedError && error.status === 404) return null;
  throw error;
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
