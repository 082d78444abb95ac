import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';

/** Idempotency keys of what a system did, in order; undefined for a system whose books cannot be read. */
export type LookUp = (() => readonly string[]) | undefined;

/** What a system did; of one whose books cannot be read, its answers alone have to be right. */
export function expectEffects(lookUp: LookUp, keys: readonly string[] | undefined): void {
  if (lookUp !== undefined) expect(lookUp()).toEqual(keys);
}

const RUN = randomUUID();

let count = 0;

/** A key that no run before has used: real systems remember keys. */
export const keyOf = (consumer: string): string => `${consumer}/contract/${RUN}/${++count}`;
