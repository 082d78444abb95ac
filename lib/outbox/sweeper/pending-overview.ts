import type { EpochMs } from '../../shared/time.ts';
import type { PendingMarker } from '../event-record.ts';
import type { PendingTable } from './ports.ts';

/** What the pending table holds, as far as time allowed to look. */
export interface Overview {
  /** Markers of events that may still be published, whatever their age. */
  readonly pending: number;
  /** Markers of events that can never be published as they are. */
  readonly quarantined: number;
  /** Of what is pending; undefined when nothing is. */
  readonly oldestCommittedAt: EpochMs | undefined;
  /** False when time ended it; the counts are then too low. */
  readonly isComplete: boolean;
  /** Oldest first, at most `limit`, none before an earlier one of its group. */
  readonly due: readonly PendingMarker[];
}

export interface LookThroughOptions extends DueMarkersProps {
  readonly signal: AbortSignal;
  /** Whether there is time for another page. */
  readonly goesOn: () => boolean;
}

export async function lookThrough(table: PendingTable, options: LookThroughOptions): Promise<Overview> {
  const due = createDueMarkers(options);
  let pending = 0;
  let quarantined = 0;
  let oldestCommittedAt: EpochMs | undefined;
  let isComplete = true;

  for await (const page of table.pages(options.signal)) {
    for (const marker of page) {
      due.add(marker);
      if (marker.quarantined !== undefined) {
        quarantined += 1;
        continue;
      }
      pending += 1;
      if (oldestCommittedAt === undefined || marker.committedAt < oldestCommittedAt) {
        oldestCommittedAt = marker.committedAt;
      }
    }
    isComplete = options.goesOn();
    if (!isComplete) break;
  }
  return { pending, quarantined, oldestCommittedAt, isComplete, due: due.oldestFirst() };
}

/** Collects the markers that are due while a table goes by that may be larger than memory. */
interface DueMarkers {
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

interface DueMarkersProps {
  /** What is younger is left to the relay. */
  readonly committedUpTo: EpochMs;
  /** How many to keep at most. */
  readonly limit: number;
}

function createDueMarkers({ committedUpTo, limit }: DueMarkersProps): DueMarkers {
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
      if (marker.quarantined !== undefined) return;
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
