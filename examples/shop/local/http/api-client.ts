import { randomUUID } from 'node:crypto';
import type { AccessTokens } from './access-tokens.ts';
import { type ApiAnswer, type ApiRequest, memberAt, NoAnswerError, type SendRequest } from './send-request.ts';

/** A call of an operation, by the names of the API's description. */
export interface ApiCall {
  /** `postOrders` */
  readonly operationId: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** One per command: who repeats the command sends it again. @default - a new one, where the operation needs one */
  readonly idempotencyKey?: string;
}

/** Calls the shop's API as its description says. */
export interface ApiClient {
  /** What the API answers at last, with success or a refusal. @throws NoAnswerError when it never answered */
  call(call: ApiCall, signal: AbortSignal): Promise<ApiAnswer>;
}

/** Of an OpenAPI description, what a client goes by. */
export interface ApiDescription {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
}

interface DescribedOperation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
}

export interface ApiClientOptions {
  readonly description: ApiDescription;
  readonly tokens: Pick<AccessTokens, 'current' | 'refused'>;
  readonly send: SendRequest;
  readonly wait: (delayMs: number, signal: AbortSignal) => Promise<void>;
}

/** Of a command whose answer is lost, or that is asked to come again: for more than a minute. */
const MOST_TRIES = 40;

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 2_000;

/** Refusals that say nothing against the request: it is repeated as it is, with its key. */
const PASSING: ReadonlySet<unknown> = new Set(['IDEMPOTENCY_KEY_IN_FLIGHT', 'CONFLICT']);

/** A client that goes by the API's description, and repeats what came to grief. */
export function createApiClient({ description, tokens, send, wait }: ApiClientOptions): ApiClient {
  const operations = new Map(
    Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [operation.operationId, { path, method, operation }]),
    ),
  );

  const requestOf = ({ operationId, params = {}, query = {}, body, idempotencyKey }: ApiCall) => {
    const known = operations.get(operationId);
    if (known === undefined) {
      throw new RangeError(`the API has no operation '${operationId}', it has ${[...operations.keys()].join(', ')}`);
    }
    const { path, method, operation } = known;
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
    const search = new URLSearchParams(query).toString();
    const needsKey = operation.parameters?.some(({ name }) => name === 'Idempotency-Key') === true;
    return {
      method: method.toUpperCase(),
      path: search === '' ? filled : `${filled}?${search}`,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(needsKey ? { 'idempotency-key': idempotencyKey ?? randomUUID() } : {}),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    };
  };

  return {
    async call(call, signal) {
      const request = requestOf(call);
      for (let tries = 1; ; tries++) {
        signal.throwIfAborted();
        const isLast = tries === MOST_TRIES;
        const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (tries - 1), LONGEST_DELAY_MS);
        const token = await tokens.current();
        let answer: ApiAnswer;
        try {
          answer = await send(authorized(request, token), signal);
        } catch (error) {
          if (!(error instanceof NoAnswerError) || isLast) throw error;
          await wait(delayMs, signal);
          continue;
        }
        if (isLast) return answer;
        if (answer.status === 401) {
          tokens.refused(token);
          continue;
        }
        if (!isPassing(answer)) return answer;
        const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
        await wait(Number.isFinite(seconds) ? seconds * 1000 : delayMs, signal);
      }
    },
  };
}

const authorized = (request: ApiRequest, token: string): ApiRequest => ({
  ...request,
  headers: { ...request.headers, authorization: `Bearer ${token}` },
});

const isPassing = ({ status, body }: ApiAnswer): boolean =>
  status === 429 || status >= 500 || (status === 409 && PASSING.has(memberAt(body, 'code')));
