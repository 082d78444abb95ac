import { SequenceError } from './errors.ts';
import type { HeadMove } from './ports.ts';
import type { Publication } from './unit-of-work.ts';

export interface Assignment {
  /** The sequence of each publication, in their order. */
  readonly sequences: readonly number[];
  readonly heads: readonly HeadMove[];
}

/** Groups whose head gives the sequence: all but those of single events and of aggregates with their own versions. */
export function groupsWithHead(publications: readonly Publication[]): readonly string[] {
  const headed = publications.filter(({ draft, sequence }) => draft.grouped && sequence === undefined);
  return [...new Set(headed.map(({ draft }) => draft.envelope.partitionkey))];
}

/**
 * Gives each event its place: head + 1, head + 2, … in the order of publishing.
 * @throws SequenceError `OUTBOX_SEQUENCE_INVALID` for sequences of the caller's that cannot stand together
 */
export function assignSequences(
  publications: readonly Publication[],
  lastUsed: ReadonlyMap<string, number>,
): Assignment {
  const next = new Map(lastUsed);
  const given = new Set<string>();
  const sequences = publications.map(({ draft, sequence }) => {
    const { partitionkey: group, type } = draft.envelope;
    if (sequence !== undefined) {
      assertGiven(type, group, sequence, lastUsed, given);
      return sequence;
    }
    if (!draft.grouped) return 1;
    const assigned = (next.get(group) ?? 0) + 1;
    next.set(group, assigned);
    return assigned;
  });
  const heads = [...lastUsed].map(([group, from]) => ({ group, from, to: next.get(group) ?? from }));
  return { sequences, heads };
}

function assertGiven(
  type: string,
  group: string,
  sequence: number,
  lastUsed: ReadonlyMap<string, number>,
  given: Set<string>,
): void {
  const place = `${group} ${sequence}`;
  if (!Number.isSafeInteger(sequence) || sequence < 1) {
    throw new SequenceError(`the sequence of '${type}' must be a whole number from 1, got ${sequence}`);
  }
  if (lastUsed.has(group)) {
    throw new SequenceError(
      `group '${group}' has events with and without a given sequence in one transaction ('${type}' gave ${sequence}): give it for all or for none`,
    );
  }
  if (given.has(place)) {
    throw new SequenceError(`sequence ${sequence} of group '${group}' is given twice in one transaction`);
  }
  given.add(place);
}
