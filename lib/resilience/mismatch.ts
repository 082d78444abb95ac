import type { StandardSchemaV1 } from '@standard-schema/spec';

/** One thing that is odd about an answer, and where: `txn.amt`. An empty path is the whole body. */
export interface Mismatch {
  readonly path: string;
  /** What was expected there. */
  readonly message: string;
}

export const describeMismatches = (mismatches: readonly Mismatch[]): string =>
  mismatches.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');

export const mismatchesOf = (issues: readonly StandardSchemaV1.Issue[]): readonly Mismatch[] =>
  issues.map(({ message, path = [] }) => ({ path: path.map(keyOf).join('.'), message }));

const keyOf = (segment: PropertyKey | StandardSchemaV1.PathSegment) =>
  String(typeof segment === 'object' ? segment.key : segment);
