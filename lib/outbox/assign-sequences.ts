import type { EpochSeconds } from '../shared/time.ts';
import { SequenceError } from './errors.ts';
import type { GroupHead, HeadMove } from './ports.ts';
import type { Publication } from './unit-of-work.ts';

export interface Assignment {
  /** The sequence of each publication, in their order. */
  readonly sequences: readonly number[];
  /** Of each publication: from when on retention may have taken all earlier events of its group. */
  readonly previousExpires: readonly (EpochSeconds | undefined)[];
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
  lastUsed: ReadonlyMap<string, GroupHead>,
  expires: EpochSeconds,
): Assignment {
  const next = new Map<string, GroupHead>(lastUsed);
  const previousExpires: (EpochSeconds | undefined)[] = [];
  const given = new Set<string>();
  const sequences = publications.map(({ draft, sequence }) => {
    const { partitionkey: group, type } = draft.envelope;
    previousExpires.push(sequence === undefined && draft.grouped ? next.get(group)?.lastExpires : undefined);
    if (sequence !== undefined) {
      assertGiven(type, group, sequence, lastUsed, given);
      return sequence;
    }
    if (!draft.grouped) return 1;
    const { last = 0, lastExpires = expires } = next.get(group) ?? {};
    // a shorter retention than before does not make earlier events expire sooner
    next.set(group, { last: last + 1, lastExpires: Math.max(lastExpires, expires) as EpochSeconds });
    return last + 1;
  });
  const heads = [...lastUsed].map(([group, { last: from }]) => {
    const { last: to = from, lastExpires = expires } = next.get(group) ?? {};
    return { group, from, to, lastExpires };
  });
  return { sequences, previousExpires, heads };
}

function assertGiven(
  type: string,
  group: string,
  sequence: number,
  lastUsed: ReadonlyMap<string, GroupHead>,
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
