import type { EpochMs } from '../../shared/time.ts';
import type { PendingMarker } from '../event-record.ts';
import type { PendingTable } from './ports.ts';

/** The contents of the pending table, as far as it was read. */
export interface Overview {
  /** Markers of events that may still be published, of any age. */
  readonly pending: number;
  /** Markers of events that cannot be published. */
  readonly quarantined: number;
  /** The oldest commit time of a pending event; undefined if there is none. */
  readonly oldestCommittedAt: EpochMs | undefined;
  /** False if time ran out; the counts are then too low. */
  readonly isComplete: boolean;
  /** Oldest first, at most `limit`, and in sequence order within a group. */
  readonly due: readonly PendingMarker[];
}

export interface ScanOptions extends DueMarkersProps {
  readonly signal: AbortSignal;
  /** Whether there is time for another page. */
  readonly hasTime: () => boolean;
}

export async function scanPending(table: PendingTable, options: ScanOptions): Promise<Overview> {
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
    isComplete = options.hasTime();
    if (!isComplete) break;
  }
  return { pending, quarantined, oldestCommittedAt, isComplete, due: due.oldestFirst() };
}

/** Collects the due markers of a scan. The table may be larger than memory. */
interface DueMarkers {
  /** Adds markers, those of a group together and by sequence. */
  add(marker: PendingMarker): void;
  /** The oldest markers, in sequence order within a group. */
  oldestFirst(): readonly PendingMarker[];
}

interface Candidate {
  readonly marker: PendingMarker;
  /** The latest commit time up to this event in its group. Clocks of producers may differ, but sequences do not. */
  readonly groupCommittedAt: number;
}

interface DueMarkersProps {
  /** Younger events are left to the relay. */
  readonly committedUpTo: EpochMs;
  /** Maximum number of markers. */
  readonly limit: number;
}

function createDueMarkers({ committedUpTo, limit }: DueMarkersProps): DueMarkers {
  let kept: Candidate[] = [];
  let group: string | undefined;
  let groupCommittedAt = 0;

  const prune = () => {
    // sorting is stable, so markers of the same age keep their order within the group
    kept = kept.sort((a, b) => a.groupCommittedAt - b.groupCommittedAt).slice(0, limit);
  };

  return {
    add(marker) {
      if (marker.group !== group) groupCommittedAt = 0;
      group = marker.group;
      // a quarantined event does not block later events
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
