import type { CommitOutcome, HeadMove } from './ports.ts';

/** The head updates of a commit after verification, and those that could not be verified. */
export interface VerifiedMoves {
  readonly heads: readonly HeadMove[];
  readonly unverified: readonly HeadMove[];
}

/** If no event exists at `from`, update the head as `versions`: another producer may have updated it. */
export function downgradeUnverified(heads: readonly HeadMove[], isUsed: (move: HeadMove) => boolean): VerifiedMoves {
  const unverified = heads.filter((move) => move.by === 'versions-after-event' && !isUsed(move));
  return {
    heads: heads.map((move): HeadMove => (unverified.includes(move) ? { ...move, by: 'versions' } : move)),
    unverified,
  };
}

/** Tells a head that is behind without an event at `from` from a head that has moved on. */
export function explainUnverified(outcome: CommitOutcome, { unverified }: VerifiedMoves): CommitOutcome {
  if (outcome.kind !== 'head-moved') return outcome;
  const missing = unverified.find(({ group, from }) => (outcome.heads.get(group)?.last ?? from) < from);
  return missing === undefined ? outcome : { kind: 'predecessor-missing', group: missing.group };
}
