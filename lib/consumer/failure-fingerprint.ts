import { createHash } from 'node:crypto';

/** What failures with the same cause have in common. */
export interface FailureFingerprint {
  /** Twelve hexadecimal digits. */
  readonly fingerprint: string;
  /** The error's message without its variable parts: `order '…' has <n> lines`. */
  readonly pattern: string;
}

/**
 * A stored message is cut at 500 bytes, wherever its variable parts put the cut: only the beginning of the pattern, up to
 * a whole word, is certain to be the same.
 */
const PATTERN_MAX_CHARACTERS = 200;

/**
 * Each variable part and its placeholder, the longer forms first. The stack is not used: its lines change with every build.
 */
const VARIABLE_PARTS: readonly (readonly [RegExp, string])[] = [
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s'"`<>]+/gi, '<url>'],
  [/\barn:aws[a-z-]*:[^\s'"`,;]+/g, '<arn>'],
  [/[^\s'"`<>@]+@[^\s'"`<>@]+\.[a-z]{2,}/gi, '<email>'],
  // what is quoted is a value; an apostrophe inside a word opens no quote
  [/(?<!\w)'[^']*'(?!\w)|"[^"]*"|`[^`]*`|‘[^’]*’|“[^”]*”/g, "'…'"],
  // the rest of a message that was cut inside a quote
  [/(?<!\w)['"`][^'"`]*…$/g, "'…'"],
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '<id>'],
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?/g, '<time>'],
  [/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/g, '<address>'],
  // groups and ids with a separator, such as order#1042 and tenant/7
  [/(?<=\w)[#/:=][\w.-]*\d[\w.-]*/g, '#<id>'],
  // long words with letters and digits: hashes, tokens, request ids
  [/\b(?=\w*\d)(?=\w*[a-z])[\w-]{16,}\b/gi, '<id>'],
  [/\b0x[0-9a-f]+\b|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, '<id>'],
  [/(?<![\w<])[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?/gi, '<n>'],
];

/**
 * Computes the fingerprint of a failure from the error's code and message. It is the same in every container and build.
 * Messages that differ only in quoted values, numbers, ids, times, addresses and URLs have the same one.
 */
export function fingerprintOf({
  code,
  message,
}: {
  readonly code: string;
  readonly message: string;
}): FailureFingerprint {
  const pattern = patternOf(message);
  const hash = createHash('sha256').update(JSON.stringify([code, pattern]));
  return { fingerprint: hash.digest('hex').slice(0, 12), pattern };
}

function patternOf(message: string): string {
  const line = VARIABLE_PARTS.reduce((text, [part, placeholder]) => text.replace(part, placeholder), message)
    .replace(/\s+/g, ' ')
    .trim();
  if (line.length <= PATTERN_MAX_CHARACTERS) return line;
  return `${line.slice(0, PATTERN_MAX_CHARACTERS).replace(/\s\S*$/, '')} …`;
}
