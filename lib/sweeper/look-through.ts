import type { EpochMs } from '../shared/time.ts';
import { createDueMarkers, type DueMarkersProps } from './due-markers.ts';
import type { PendingMarker, PendingTable } from './ports.ts';

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
      if (marker.isQuarantined) {
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
