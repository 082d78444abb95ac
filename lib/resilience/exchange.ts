import { describeThrown, memberOf } from '../shared/thrown.ts';
import { ExternalUnavailableError } from './errors.ts';

/** An answer as it came. */
export interface Exchanged {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Whether `text` is all of it, and not cut off a little beyond `maxAnswerBytes`. */
  readonly isWhole: boolean;
  /** What came, in words that tell nothing of it: `57 bytes of text/html`. */
  readonly kind: string;
}

export interface ExchangeDeps {
  readonly system: string;
  readonly send: typeof fetch;
  readonly maxAnswerBytes: number;
}

/**
 * Sends a request and reads its answer, no more of it than allowed: what is left unread is given up with its connection.
 * @throws ExternalUnavailableError `EXTERNAL_UNAVAILABLE`: no connection, or a lost one
 * @throws the signal's reason, where that is why
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
    throw new ExternalUnavailableError(system, `no answer from ${origin}: ${reasonOf(error)}`, { cause: error });
  }
}

async function readUpTo(maxBytes: number, body: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // leaving the loop early cancels the stream
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

/** `fetch failed` says nothing; its cause has the system's error code. */
function reasonOf(error: unknown): string {
  const { code, name, message } = describeThrown(memberOf(error, 'cause') ?? error);
  return code === name ? message : `${code} ${message}`;
}
