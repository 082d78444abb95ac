import type { CloudEvent } from '../definitions/index.ts';

/** What stands for the value of a sensitive member. */
export const MASKED = '(masked)';

/**
 * The data of an event, for people: members that the event's definition declares as sensitive are replaced by `(masked)`.
 * Events of a definition that did not declare them when they were published are shown as they are.
 */
export function maskedData({ data, sensitivemembers }: Pick<CloudEvent, 'data' | 'sensitivemembers'>): unknown {
  const pointers = (sensitivemembers ?? '').split(' ').filter((pointer) => pointer !== '');
  return pointers.reduce((masked, pointer) => maskAt(masked, tokensOf(pointer)), data);
}

/** @see https://www.rfc-editor.org/rfc/rfc6901 */
const tokensOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));

function maskAt(value: unknown, [token, ...rest]: readonly string[]): unknown {
  if (token === undefined) return MASKED;
  if (typeof value !== 'object' || value === null) return value;
  const isMeant = (name: string) => token === '*' || token === name;
  if (Array.isArray(value)) return value.map((each, index) => (isMeant(String(index)) ? maskAt(each, rest) : each));
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, isMeant(name) ? maskAt(each, rest) : each]),
  );
}
