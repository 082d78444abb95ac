const ELLIPSIS = '…';
const ELLIPSIS_BYTES = 3;

/**
 * The text, cut so that it has at most `maxBytes` bytes of UTF-8; a text that was cut ends with an ellipsis. Half of a
 * surrogate pair, which DynamoDB refuses, becomes U+FFFD.
 * @param maxBytes 3 or more
 */
export function boundedText(text: string, maxBytes: number): string {
  // a UTF-16 unit has at least one byte: what lies beyond need not be looked at
  const bytes = Buffer.from(text.slice(0, maxBytes + 1).toWellFormed());
  if (bytes.byteLength <= maxBytes) return bytes.toString();
  // `stream` leaves out a character that was cut in half
  const kept = new TextDecoder().decode(bytes.subarray(0, maxBytes - ELLIPSIS_BYTES), { stream: true });
  return `${kept}${ELLIPSIS}`;
}
