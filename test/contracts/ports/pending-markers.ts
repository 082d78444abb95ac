import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventKey } from '../../../lib/outbox/event-record.ts';
import type { PendingMarkers } from '../../../lib/outbox/relay/ports.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

export interface PendingMarkersBench {
  readonly markers: PendingMarkers;
  /** Writes markers as a producer's transaction does. */
  seed(keys: readonly EventKey[]): Promise<void>;
  /** A marker's note: `undefined` without a note, `'no marker'` without a marker. */
  read(key: EventKey): Promise<{ code: string; message: string; at: number } | undefined | 'no marker'>;
  close(): Promise<void>;
}

const NEVER = new AbortController().signal;
const T0 = 1_700_000_000_000 as EpochMs;
const REASON = { code: 'MalformedDetail', message: 'Detail is malformed.' };

const keysOf = (group: string, count: number): EventKey[] =>
  Array.from({ length: count }, (_, index) => ({ group, sequence: index + 1 }));

/** What every PendingMarkers must do. Each test has groups of its own. */
export function describePendingMarkers(adapter: string, open: () => Promise<PendingMarkersBench>): void {
  describe(`PendingMarkers contract: ${adapter}`, () => {
    let bench: PendingMarkersBench;
    beforeAll(async () => {
      bench = await open();
    });
    afterAll(() => bench.close());

    it('deletes 25 markers in a call, and no others', async () => {
      const keys = keysOf('order#1', 26);
      await bench.seed(keys);

      const result = await bench.markers.deleteBatch(keys.slice(0, 25), NEVER);

      expect(result).toEqual({ status: 'deleted' });
      expect(await bench.read({ group: 'order#1', sequence: 1 })).toBe('no marker');
      expect(await bench.read({ group: 'order#1', sequence: 25 })).toBe('no marker');
      expect(await bench.read({ group: 'order#1', sequence: 26 })).toBeUndefined();
    });

    it('counts a marker that does not exist as deleted', async () => {
      const result = await bench.markers.deleteBatch([{ group: 'nobody', sequence: 1 }], NEVER);

      expect(result).toEqual({ status: 'deleted' });
    });

    it('refuses 26 keys permanently and reports them all as remaining', async () => {
      const keys = keysOf('order#2', 26);
      await bench.seed(keys);

      const result = await bench.markers.deleteBatch(keys, NEVER);

      expect(result).toMatchObject({
        status: 'incomplete',
        remaining: keys,
        failure: { code: 'ValidationException' },
        retryable: false,
      });
      expect(await bench.read({ group: 'order#2', sequence: 1 })).toBeUndefined();
    });

    it('refuses a key that is named twice', async () => {
      const key = { group: 'order#3', sequence: 1 };
      await bench.seed([key]);

      const result = await bench.markers.deleteBatch([key, key], NEVER);

      expect(result).toMatchObject({
        status: 'incomplete',
        failure: { code: 'ValidationException', message: 'Provided list of item keys contains duplicates' },
        retryable: false,
      });
    });

    it('notes a reason on the marker and keeps the marker', async () => {
      const key = { group: 'order#4', sequence: 9_007_199_254_740_991 };
      await bench.seed([key]);

      const result = await bench.markers.quarantine(key, { ...REASON, at: T0 }, NEVER);

      expect(result).toEqual({ status: 'noted' });
      expect(await bench.read(key)).toEqual({
        code: 'MalformedDetail',
        message: 'Detail is malformed.',
        at: 1_700_000_000_000,
      });
    });

    it('replaces an older note', async () => {
      const key = { group: 'order#5', sequence: 1 };
      await bench.seed([key]);
      await bench.markers.quarantine(key, { code: 'InvalidArgument', message: 'old', at: T0 }, NEVER);

      await bench.markers.quarantine(key, { ...REASON, at: (T0 + 1) as EpochMs }, NEVER);

      expect(await bench.read(key)).toMatchObject({ code: 'MalformedDetail', at: 1_700_000_000_001 });
    });

    it('creates no marker if there is none', async () => {
      const key = { group: 'order#6', sequence: 1 };

      const result = await bench.markers.quarantine(key, { ...REASON, at: T0 }, NEVER);

      expect(result).toEqual({ status: 'absent' });
      expect(await bench.read(key)).toBe('no marker');
    });
  });
}
