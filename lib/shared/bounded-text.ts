const ELLIPSIS = '…';
const ELLIPSIS_BYTES = 3;

/**
 * Truncates a text to at most `maxBytes` bytes of UTF-8, with an ellipsis at the end. Half of a surrogate pair, which
 * DynamoDB rejects, becomes U+FFFD.
 * @param maxBytes 3 or more
 */
export function boundedText(text: string, maxBytes: number): string {
  // a UTF-16 unit has at least one byte, so the rest need not be encoded
  const bytes = Buffer.from(text.slice(0, maxBytes + 1).toWellFormed());
  if (bytes.byteLength <= maxBytes) return bytes.toString();
  // `stream` omits a character that was cut in half
  const kept = new TextDecoder().decode(bytes.subarray(0, maxBytes - ELLIPSIS_BYTES), { stream: true });
  return `${kept}${ELLIPSIS}`;
}
