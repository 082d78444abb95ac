import { describe, expect, it } from 'vitest';
import type { LogEnd, LogEntry } from '../../../lib/consumer/index.ts';
import { createContiguousLog, readRun } from '../../../lib/consumer/log-reader.ts';
import { createLog, logged, NOW, NOW_SECONDS } from './log-fixture.ts';

const rig = (entriesAt: (read: number) => readonly LogEntry[], end?: LogEnd) => {
  const log = createLog(entriesAt, end);
  const slept: number[] = [];
  const deps = { log, clock: { now: () => NOW }, sleep: async (ms: number) => void slept.push(ms) };
  return { deps, log, slept };
};

describe('a run of the log', () => {
  it('holds what stands without a hole, and ends before one', async () => {
    const { deps, slept } = rig(() => [logged(4), logged(5), logged(7)]);

    const run = await readRun(deps, 'g', 3, 9);

    expect(run).toMatchObject({ kind: 'entries', entries: [{ sequence: 4 }, { sequence: 5 }] });
    expect(slept).toStrictEqual([]);
  });

  it('is whole where nothing is missing', async () => {
    const { deps } = rig(() => [logged(4), logged(5), logged(6)]);

    expect(await readRun(deps, 'g', 3, 6)).toMatchObject({ entries: { length: 3 } });
  });

  it.each([
    [1, [20]],
    [2, [20, 100]],
    [3, [20, 100, 300]],
  ])(
    'is read again, with growing waits, where the log misses its beginning for a moment: %i times',
    async (misses, waits) => {
      const { deps, slept, log } = rig((read) => (read < misses ? [logged(5)] : [logged(4), logged(5)]));

      const run = await readRun(deps, 'g', 3, 9);

      expect(run).toMatchObject({ kind: 'entries', entries: [{ sequence: 4 }, { sequence: 5 }] });
      expect(slept).toStrictEqual(waits);
      expect(log.asked).toStrictEqual(Array(misses + 1).fill('read 3 9'));
    },
  );

  it('begins with a page that was just read', async () => {
    const { deps, log } = rig(() => []);

    expect(await readRun(deps, 'g', 3, 9, [logged(4)])).toMatchObject({ kind: 'entries', entries: [{ sequence: 4 }] });
    expect(log.asked).toStrictEqual([]);
  });

  it('names what retention has certainly taken', async () => {
    const { deps } = rig(() => [logged(6, { previousExpires: NOW_SECONDS })]);

    expect(await readRun(deps, 'g', 3, 9)).toStrictEqual({ kind: 'expired', places: { from: 4, to: 5 } });
  });

  it('names all places up to the end where the log shows nothing and its head says that they are over', async () => {
    const { deps } = rig(() => [], { last: 9, lastExpires: NOW_SECONDS });

    expect(await readRun(deps, 'g', 3, 9)).toStrictEqual({ kind: 'expired', places: { from: 4, to: 9 } });
  });

  it.each([
    [5, 'event 4'],
    [7, 'events 4 to 6'],
  ])('rejects where the log must hold what it does not show before %i', async (first, what) => {
    const { deps } = rig(() => [logged(first, { committedAt: NOW })]);

    await expect(readRun(deps, 'g', 3, 9)).rejects.toMatchObject({
      code: 'LOG_HOLE',
      disposition: 'defer',
      retryAfterSeconds: 5,
      group: 'g',
      places: { from: 4, to: first - 1 },
      message: expect.stringMatching(
        new RegExp(`^the log does not show ${what} of group 'g', which cannot have expired`),
      ),
    });
  });
});

describe('the contiguous log', () => {
  it('gives what comes next, and nothing at its end', async () => {
    const { deps } = rig(() => [logged(4), logged(5), logged(6)]);
    const log = createContiguousLog(deps);

    expect(await log.next('g', 3, 9)).toMatchObject({ kind: 'entries', entries: { length: 3 } });
    expect(await log.next('g', 6, 9)).toBeUndefined();
  });

  it('reads all that it has seen again where its beginning is missing for a moment', async () => {
    const { deps } = rig((read) => [4, 5, 6, 7].slice(read === 0 ? 1 : 0).map((sequence) => logged(sequence)));

    expect(await createContiguousLog(deps).next('g', 3, 9)).toMatchObject({ kind: 'entries', entries: { length: 4 } });
  });

  it('asks for what retention has taken only up to what the log still holds', async () => {
    const { deps } = rig(() => [logged(6, { previousExpires: NOW_SECONDS }), logged(7), logged(8)]);

    expect(await createContiguousLog(deps).next('g', 3, 9)).toStrictEqual({
      kind: 'expired',
      places: { from: 4, to: 5 },
    });
  });
});
