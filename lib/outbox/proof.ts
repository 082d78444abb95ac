import type { CommitOutcome, HeadMove } from './ports.ts';

/** Moves of a commit as they may be made, and those whose proof there is not. */
export interface ProvenMoves {
  readonly heads: readonly HeadMove[];
  readonly unproven: readonly HeadMove[];
}

/** A move without its proof is left to the head: it may have caught up meanwhile. */
export function withProofs(heads: readonly HeadMove[], isUsed: (move: HeadMove) => boolean): ProvenMoves {
  const unproven = heads.filter((move) => move.by === 'proven-versions' && !isUsed(move));
  return {
    heads: heads.map((move): HeadMove => (unproven.includes(move) ? { ...move, by: 'versions' } : move)),
    unproven,
  };
}

/** Tells a head that is behind without a proof from one that has moved on. */
export function settledProofs(outcome: CommitOutcome, { unproven }: ProvenMoves): CommitOutcome {
  if (outcome.kind !== 'head-moved') return outcome;
  const missing = unproven.find(({ group, from }) => (outcome.heads.get(group)?.last ?? from) < from);
  return missing === undefined ? outcome : { kind: 'predecessor-missing', group: missing.group };
}
