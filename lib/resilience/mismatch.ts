import type { SchemaViolation } from '../shared/schema-issues.ts';

/** One thing that is odd about an answer, and where: `txn.amt`. An empty path is the whole body. */
export type Mismatch = SchemaViolation;
