import type { StandardSchemaV1 } from '@standard-schema/spec';

/** One thing that is odd about an answer, and where: `txn.amt`. An empty path is the whole body. */
export interface Mismatch {
  readonly path: string;
  /** What was expected there. */
  readonly message: string;
}

/** A list of a thousand odd entries is odd in one way. */
export const MOST_MISMATCHES_TOLD = 10;

export function describeMismatches(mismatches: readonly Mismatch[]): string {
  const more = mismatches.length - MOST_MISMATCHES_TOLD;
  return mismatches
    .slice(0, MOST_MISMATCHES_TOLD)
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .concat(more > 0 ? [`and ${more} more`] : [])
    .join('; ');
}

export const mismatchesOf = (issues: readonly StandardSchemaV1.Issue[]): readonly Mismatch[] =>
  issues.map(({ message, path = [] }) => ({ path: path.map(keyOf).join('.'), message }));

const keyOf = (segment: PropertyKey | StandardSchemaV1.PathSegment) =>
  String(typeof segment === 'object' ? segment.key : segment);
