import type { NewEventRecord } from './event-record.ts';
import type { GroupHead, HeadMove, OutboxCommit } from './ports.ts';
import { SequenceGapError, SequenceMixedError, SequenceTakenError } from './sequence-errors.ts';

/**
 * Interprets heads that were not at the expected sequence.
 * @param behind groups whose heads are known to be behind; updated
 * @throws SequenceTakenError, SequenceMixedError
 */
export function learnFromHeads(
  heads: ReadonlyMap<string, GroupHead>,
  { heads: moves, events }: Pick<OutboxCommit, 'heads' | 'events'>,
  behind: Map<string, number>,
): void {
  for (const [group, { last, versioned = false }] of heads) {
    const move = moves.find((candidate) => candidate.group === group);
    const first = firstOf(group, events);
    if (move === undefined || first === undefined) continue;
    if (!isVersioned(move)) {
      if (versioned) throw new SequenceMixedError(first.type, group, undefined);
      continue;
    }
    if (last > 0 && !versioned) throw new SequenceMixedError(first.type, group, first.sequence);
    if (last > move.from) throw new SequenceTakenError(first, last);
    if (last < move.from) behind.set(group, last);
    else behind.delete(group);
  }
}

/** The log already has an event at a sequence of the commit, although the group's head does not include it. */
export const takenPlace = (
  event: NewEventRecord,
  { heads }: Pick<OutboxCommit, 'heads'>,
): SequenceTakenError | SequenceMixedError => {
  const move = heads.find(({ group }) => group === event.group);
  return move !== undefined && !isVersioned(move)
    ? new SequenceMixedError(event.type, event.group, undefined)
    : new SequenceTakenError(event);
};

/**
 * The log has no event before the group's first one in the commit.
 * @param behind as `learnFromHeads` leaves it
 */
export const missingBefore = (
  group: string,
  { events }: Pick<OutboxCommit, 'events'>,
  behind: ReadonlyMap<string, number>,
): SequenceGapError => {
  const { type = '', sequence = 0 } = firstOf(group, events) ?? {};
  return new SequenceGapError({ type, group, sequence }, behind.get(group) ?? 0);
};

const isVersioned = ({ by = 'head' }: HeadMove): boolean => by !== 'head';

const firstOf = (group: string, events: readonly NewEventRecord[]): NewEventRecord | undefined =>
  events.filter((event) => event.group === group).toSorted((a, b) => a.sequence - b.sequence)[0];
