import type { EpochMs } from '../shared/time.ts';
import type { PendingMarker } from './ports.ts';

/** Collects the markers that are due while a table goes by that may be larger than memory. */
export interface DueMarkers {
  /** Takes the markers of a group in one piece, by sequence. */
  add(marker: PendingMarker): void;
  /** The oldest ones, none before an earlier one of its group. */
  oldestFirst(): readonly PendingMarker[];
}

interface Candidate {
  readonly marker: PendingMarker;
  /** Of it and all before it in its group: the clocks of two producers may disagree, sequences may not. */
  readonly groupCommittedAt: number;
}

export interface DueMarkersProps {
  /** What is younger is left to the relay. */
  readonly committedUpTo: EpochMs;
  /** How many to keep at most. */
  readonly limit: number;
}

export function createDueMarkers({ committedUpTo, limit }: DueMarkersProps): DueMarkers {
  let kept: Candidate[] = [];
  let group: string | undefined;
  let groupCommittedAt = 0;

  const prune = () => {
    // sorting is stable: what is of one age stays in the order of coming, which is a group's own
    kept = kept.sort((a, b) => a.groupCommittedAt - b.groupCommittedAt).slice(0, limit);
  };

  return {
    add(marker) {
      if (marker.group !== group) groupCommittedAt = 0;
      group = marker.group;
      // nobody waits for what can never be published
      if (marker.isQuarantined) return;
      groupCommittedAt = Math.max(groupCommittedAt, marker.committedAt);
      if (groupCommittedAt > committedUpTo) return;
      kept.push({ marker, groupCommittedAt });
      if (kept.length >= 2 * limit) prune();
    },
    oldestFirst() {
      prune();
      return kept.map(({ marker }) => marker);
    },
  };
}
