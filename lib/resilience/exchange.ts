import { describeThrown, memberOf } from '../shared/thrown.ts';
import { ExternalUnavailableError } from './errors.ts';

/** A response. */
export interface Exchanged {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** False if the body is longer than `maxAnswerBytes` and `text` is truncated. */
  readonly isWhole: boolean;
  /** Size and type of the body, for messages: `57 bytes of text/html`. */
  readonly kind: string;
}

export interface ExchangeDeps {
  readonly system: string;
  readonly send: typeof fetch;
  readonly maxAnswerBytes: number;
}

/**
 * Sends a request and reads at most `maxAnswerBytes` of its response, then closes the connection.
 * @throws ExternalUnavailableError `EXTERNAL_UNAVAILABLE`: the connection failed or was lost
 * @throws the signal's reason, if it was aborted
 */
export async function exchange(
  request: Request,
  { system, send, maxAnswerBytes }: ExchangeDeps,
  signal: AbortSignal,
): Promise<Exchanged> {
  try {
    const { status, headers, body } = await send(request);
    const bytes = await readUpTo(maxAnswerBytes, body);
    const isWhole = bytes.byteLength <= maxAnswerBytes;
    return { status, headers, text: new TextDecoder().decode(bytes), isWhole, kind: kindOf(headers, bytes, isWhole) };
  } catch (error) {
    signal.throwIfAborted();
    const { origin } = new URL(request.url);
    throw new ExternalUnavailableError(system, `no response from ${origin}: ${reasonOf(error)}`, { cause: error });
  }
}

async function readUpTo(maxBytes: number, body: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // breaking the loop cancels the stream
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > maxBytes) break;
  }
  return Buffer.concat(chunks);
}

const TYPE_MAX_LENGTH = 50;

const kindOf = (headers: Headers, { byteLength }: Uint8Array, isWhole: boolean): string =>
  byteLength === 0
    ? 'an empty body'
    : `${isWhole ? '' : 'more than '}${byteLength} bytes of ${headers.get('content-type')?.slice(0, TYPE_MAX_LENGTH) ?? 'no type'}`;

/** The message `fetch failed` is not useful; its cause has the error code. */
function reasonOf(error: unknown): string {
  const { code, name, message } = describeThrown(memberOf(error, 'cause') ?? error);
  return code === name ? message : `${code} ${message}`;
}
