/** A request of the shop's API, as it goes over the wire. */
export interface ApiRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** As JSON; undefined without a body. */
  readonly body: unknown;
}

/** The connection was lost before the answer came: whether the request was worked on is not known. */
export class NoAnswerError extends Error {}

/** Sends one request, once. @throws NoAnswerError when the connection is lost */
export type SendRequest = (request: ApiRequest, signal: AbortSignal) => Promise<ApiAnswer>;

/** @param apiUrl as it is then: a deployment in the middle of a run may change it */
export function createSendRequest(apiUrl: () => string): SendRequest {
  return async ({ method, path, headers, body }, signal) => {
    try {
      const init = { method, headers, signal, ...(body === undefined ? {} : { body }) };
      const response = await fetch(`${apiUrl()}${path}`, init);
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
    } catch (cause) {
      signal.throwIfAborted();
      throw new NoAnswerError(`${method} ${path} was not answered`, { cause });
    }
  };
}

/** A member of an answer's body; undefined for anything else. */
export const memberAt = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>)[name] : undefined;

/** A refusal in one line: its code, and why. */
export function describeRefusal({ status, body }: Pick<ApiAnswer, 'status' | 'body'>): string {
  const [code, detail, title, message] = ['code', 'detail', 'title', 'message'].map((name) => memberAt(body, name));
  return `${status} ${[code, detail ?? title ?? message].filter((part) => part !== undefined).join(': ')}`;
}
