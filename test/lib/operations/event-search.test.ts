import { describe, expect, it } from 'vitest';
import { type FindEventOptions, findEvent, type SearchProgress } from '../../../lib/operations/index.ts';
import { blockedBy, createOpsRig } from './rig.ts';

const OPTIONS: FindEventOptions = { maxReadUnits: 1_000, segments: 2 };

const search = (rig: ReturnType<typeof createOpsRig>, id: string, options: Partial<FindEventOptions> = {}) =>
  findEvent(
    id,
    { log: rig.log, waiting: [rig.waiting], clock: rig.clock, retentionMs: 60_000 },
    { ...OPTIONS, ...options },
  );

/** Scans are told by their progress. */
function createWatch() {
  const seen: SearchProgress[] = [];
  return { seen, onProgress: (progress: SearchProgress) => void seen.push(progress) };
}

describe('findEvent', () => {
  it('finds an event without a group, and one that blocks a group, without a scan', async () => {
    const rig = createOpsRig();
    const [, dead = ''] = await rig.deposit('7', 2);
    const alone = await rig.note();
    await rig.place('account#7', { processed: 1, seen: 2, blockedBy: blockedBy(2) });
    const { seen, onProgress } = createWatch();

    expect(await search(rig, alone, { onProgress })).toMatchObject({ kind: 'found', event: { group: alone } });
    expect(await search(rig, dead, { onProgress })).toMatchObject({ kind: 'found', event: { sequence: 2 } });
    expect(seen).toStrictEqual([]);
  });

  it('reads only the given group', async () => {
    const rig = createOpsRig();
    const [, second = ''] = await rig.deposit('7', 2);
    const { seen, onProgress } = createWatch();

    expect(await search(rig, second, { group: 'account#7', onProgress })).toMatchObject({
      kind: 'found',
      event: { group: 'account#7', sequence: 2 },
    });
    expect(await search(rig, second, { group: 'account#8', onProgress })).toStrictEqual({
      kind: 'absent',
      items: 0,
      readUnits: 0,
    });
    expect(seen).toStrictEqual([]);
  });

  it('scans the log for any other event and reports its progress', async () => {
    const rig = createOpsRig();
    for (let account = 1; account <= 8; account++) await rig.deposit(`${account}`, 2);
    const [wanted = ''] = await rig.deposit('9');
    const { seen, onProgress } = createWatch();

    expect(await search(rig, wanted, { onProgress })).toMatchObject({ kind: 'found', event: { group: 'account#9' } });
    expect(seen[0]).toStrictEqual({ items: 3, readUnits: 3 });
  });

  it('distinguishes an absent event from a scan that reached its limit', async () => {
    const rig = createOpsRig();
    await rig.deposit('7', 10);

    expect(await search(rig, 'nobody')).toStrictEqual({ kind: 'absent', items: 10, readUnits: 10 });
    expect(await search(rig, 'nobody', { maxReadUnits: 4 })).toStrictEqual({
      kind: 'given-up',
      items: 6,
      readUnits: 6,
    });
  });

  it('does not scan for an id that is older than the retention of the log', async () => {
    const rig = createOpsRig();
    const { seen, onProgress } = createWatch();

    // made a minute and a millisecond before the rig's time
    expect(await search(rig, '01a1f789-689f-7000-8000-000000000000', { onProgress })).toStrictEqual({
      kind: 'expired',
      createdAt: 1_795_154_339_999,
    });
    expect(seen).toStrictEqual([]);
  });
});
