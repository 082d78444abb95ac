import { invalidRequest } from './errors.ts';

export interface DecodedBody {
  readonly body: Buffer;
  /** What follows the last chunk: the checksum that the SDK works out while it sends. */
  readonly trailers: Readonly<Record<string, string>>;
}

const LINE_END = '\r\n';

/**
 * Undoes the content encoding `aws-chunked`: `<size in hex>[;chunk-signature=…]`, the chunk, …, `0`, trailers.
 * @throws AwsError InvalidRequest for a body that ends early or has no such form.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export function decodeAwsChunked(encoded: Buffer): DecodedBody {
  const chunks: Buffer[] = [];
  let at = 0;
  const readLine = (): string => {
    const end = encoded.indexOf(LINE_END, at);
    if (end === -1) throw invalidRequest('The body is no complete aws-chunked body: a line has no end.');
    const line = encoded.toString('utf8', at, end);
    at = end + LINE_END.length;
    return line;
  };

  for (;;) {
    const line = readLine();
    const [, hex] = /^([0-9a-fA-F]+)(?:;.*)?$/.exec(line) ?? [];
    if (hex === undefined)
      throw invalidRequest(`The body is no aws-chunked body: '${line.slice(0, 80)}' is no chunk size.`);
    const size = Number.parseInt(hex, 16);
    if (size === 0) break;
    if (at + size + LINE_END.length > encoded.length) {
      throw invalidRequest('The body is no complete aws-chunked body: its last chunk is cut off.');
    }
    chunks.push(encoded.subarray(at, at + size));
    at += size + LINE_END.length;
  }
  return { body: Buffer.concat(chunks), trailers: readTrailers(encoded.toString('utf8', at)) };
}

const readTrailers = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split(LINE_END)
      .filter((line) => line.includes(':'))
      .map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
      }),
  );
