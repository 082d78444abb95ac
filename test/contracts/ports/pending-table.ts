import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PendingMarker } from '../../../lib/outbox/event-record.ts';
import type { PendingTable } from '../../../lib/outbox/sweeper/ports.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

export interface PendingTableBench {
  readonly table: PendingTable;
  /** Writes markers as a producer's transaction and the relay's quarantine do. */
  seed(markers: readonly PendingMarker[]): Promise<void>;
  close(): Promise<void>;
}

const NOTE = { code: 'X', message: 'x', at: 1 as EpochMs };
const NEVER = new AbortController().signal;

const markerOf = (group: string, sequence: number, more: Partial<PendingMarker> = {}): PendingMarker => ({
  group,
  sequence,
  committedAt: 1_700_000_000_000 as EpochMs,
  quarantined: undefined,
  ...more,
});

async function readAll(table: PendingTable): Promise<{ markers: PendingMarker[]; pages: number }> {
  const markers: PendingMarker[] = [];
  let pages = 0;
  for await (const page of table.pages(NEVER)) {
    markers.push(...page);
    pages += 1;
  }
  return { markers, pages };
}

/** What every PendingTable must do. */
export function describePendingTable(adapter: string, open: () => Promise<PendingTableBench>): void {
  describe(`PendingTable contract: ${adapter}`, () => {
    let bench: PendingTableBench;
    beforeAll(async () => {
      bench = await open();
    });
    afterAll(() => bench.close());

    it('returns every marker, with each group together and by sequence, across pages', async () => {
      // 10 sorts before 9 as text; the later ones come first into the table
      const sequences = [10, 9, 2, 1];
      const groups = ['order#1', 'order#2', 'order#3'];
      const seeded = sequences.flatMap((sequence) => groups.map((group) => markerOf(group, sequence)));
      await bench.seed([
        ...seeded,
        markerOf('order#4', 9_007_199_254_740_991, { quarantined: NOTE, committedAt: 1_690_000_000_001 as EpochMs }),
      ]);

      const { markers, pages } = await readAll(bench.table);

      expect(pages).toBeGreaterThan(1);
      expect(markers).toHaveLength(13);
      const order = markers.map(({ group }) => group).filter((group, index, all) => group !== all[index - 1]);
      expect(order.toSorted()).toEqual(['order#1', 'order#2', 'order#3', 'order#4']);
      for (const group of groups) {
        expect(markers.filter((marker) => marker.group === group).map(({ sequence }) => sequence)).toEqual([
          1, 2, 9, 10,
        ]);
      }
      expect(markers.find(({ group, sequence }) => group === 'order#1' && sequence === 1)).toEqual({
        group: 'order#1',
        sequence: 1,
        committedAt: 1_700_000_000_000,
        quarantined: undefined,
      });
      expect(markers.find(({ group }) => group === 'order#4')).toEqual({
        group: 'order#4',
        sequence: 9_007_199_254_740_991,
        committedAt: 1_690_000_000_001,
        quarantined: NOTE,
      });
    });

    it('throws if its signal is aborted', async () => {
      const pages = bench.table.pages(AbortSignal.abort())[Symbol.asyncIterator]();

      await expect(pages.next()).rejects.toMatchObject({ name: 'AbortError' });
    });
  });
}
