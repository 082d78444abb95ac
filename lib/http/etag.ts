import { ContractError } from '../definitions/index.ts';
import { preconditionFailed } from './problem.ts';

/** Of an item: the number that each write raises, or a text that each write changes. */
export type Version = string | number;

/** The entity tag of a version: `"7"`. @see https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3 */
export function etagOf(version: Version): string {
  if (!/^[!#-~]{1,200}$/.test(String(version))) {
    throw new ContractError('a version', ["must be 1 to 200 visible ASCII characters without '\"'"]);
  }
  return `"${version}"`;
}

const TAG = /^(W\/)?("[!#-~]*")$/;

interface Tags {
  readonly any: boolean;
  readonly strong: readonly string[];
  readonly weak: readonly string[];
}

function readTags(header: string): Tags {
  const parts = header.split(',').map((part) => part.trim());
  const tags = parts.flatMap((part) => {
    const [, weak, tag] = TAG.exec(part) ?? [];
    return tag === undefined ? [] : [{ isWeak: weak !== undefined, tag }];
  });
  return {
    any: parts.includes('*'),
    strong: tags.filter(({ isWeak }) => !isWeak).map(({ tag }) => tag),
    weak: tags.map(({ tag }) => tag),
  };
}

/** Whether the caller has this entity tag already: by weak comparison, as RFC 9110 says for If-None-Match. */
export function isKnownTo(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const { any, weak } = readTags(ifNoneMatch);
  return any || weak.includes(etag.replace(/^W\//, ''));
}

/** The caller's If-Match. */
export interface IfMatch {
  /** @param version of the current item; undefined if there is none */
  matches(version: Version | undefined): boolean;
  /**
   * Call it with the item as it was read, and write on condition that it has not changed since.
   * @throws ProblemError `PRECONDITION_FAILED`, 412
   */
  assert(version: Version | undefined): void;
}

/** Reads If-Match. A weak tag never matches: it does not say that the bytes are the same. */
export function readIfMatch(header: string): IfMatch {
  const { any, strong } = readTags(header);
  const matches = (version: Version | undefined) => version !== undefined && (any || strong.includes(etagOf(version)));
  return {
    matches,
    assert(version) {
      if (!matches(version)) throw preconditionFailed();
    },
  };
}
