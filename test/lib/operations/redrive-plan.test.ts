import { describe, expect, it } from 'vitest';
import { planRedrive, stageSizes } from '../../../lib/operations/index.ts';
import { Audited } from '../../fixtures/events.ts';
import { createRedriveRig, placeOf } from './redrive-rig.ts';
import { blockedBy, noteOf, T0 } from './rig.ts';

const TERMS = { stages: [1, 2, 5, 20, 100], eventsPerSecond: 10 };

describe('planRedrive', () => {
  it('says how many match, how many can go, in which stages, how long and for how much, and changes nothing', async () => {
    const rig = await createRedriveRig(12);
    await rig.hold('other', 'gateway away');
    await rig.place('account#1', { seen: 4, blockedBy: blockedBy(1) });

    const plan = await planRedrive(rig.deps, {}, TERMS);

    expect(plan).toStrictEqual({
      consumer: 'billing',
      matched: 13,
      canGo: 13,
      noOps: {},
      behind: 3,
      isCut: false,
      kinds: [
        { fingerprint: '48d9d94b4f8c', code: 'Error', pattern: "card '…' refused", count: 12 },
        { fingerprint: '08ee1d34222d', code: 'Error', pattern: 'gateway away', count: 1 },
      ],
      stages: [1, 2, 5, 5],
      sendingMs: 1_300,
      usd: expect.any(Number),
    });
    expect(plan.usd).toBeGreaterThan(0);
    expect(plan.usd).toBeLessThan(0.001);
    expect(rig.sent).toStrictEqual([]);
    expect(await rig.runs.list(1)).toStrictEqual([]);
  });

  it('takes only what the filter selects', async () => {
    const rig = await createRedriveRig(2);
    await rig.hold('other', 'gateway away');

    expect(await planRedrive(rig.deps, { fingerprint: '08ee1d34222d' }, TERMS)).toMatchObject({ matched: 1 });
    expect(await planRedrive(rig.deps, { group: 'account#2' }, TERMS)).toMatchObject({ matched: 1 });
    expect(await planRedrive(rig.deps, { type: 'com.example.none' }, TERMS)).toMatchObject({ matched: 0, stages: [] });
  });

  it('says what would be left alone, and why', async () => {
    const rig = await createRedriveRig(7);
    const { event: _, ...message } = { ...noteOf('message:7', 'not an event'), event: undefined };
    await rig.notes.record(message);
    await rig.notes.record({ ...message, subject: 'noted-by-an-older-release' });
    await rig.place('account#1', { seen: 1, paused: { since: T0, by: 'ann', reason: 'x' }, blockedBy: blockedBy(1) });
    await rig.place('account#2', { seen: 1, blockedBy: blockedBy(1, { state: 'retrying' }) });
    await rig.notes.record({
      ...noteOf(rig.ids[2] ?? '', 'breaker open'),
      ...{ state: 'retrying', deferred: true, event: placeOf('account#3', 1) },
    });
    await rig.place('account#3', { seen: 1, blockedBy: blockedBy(1, { state: 'retrying' }) });
    await rig.notes.record({ ...noteOf('expired', 'no'), event: placeOf('account#99', 5) });
    await rig.notes.record({ ...noteOf('forged', 'no'), event: placeOf('account#4', 1), holdsGroup: false });
    await rig.place('account#5', { processed: 0, seen: 3, blockedBy: blockedBy(1) });
    const [later = ''] = await rig.deposit('5');
    await rig.notes.record({ ...noteOf(later, 'no'), event: placeOf('account#5', 2) });
    const audited = await rig.note();
    await rig.notes.record({
      ...noteOf(audited, 'unknown'),
      ...{ event: { source: Audited.source, type: Audited.type, group: audited, sequence: 1 }, holdsGroup: false },
    });

    const plan = await planRedrive(rig.deps, {}, TERMS);

    expect(plan.noOps).toStrictEqual({
      'no-event': 1,
      'place-unknown': 1,
      paused: 1,
      retried: 1,
      deferred: 1,
      gone: 1,
      misplaced: 1,
      behind: 1,
      'not-taken': 1,
    });
    expect(plan).toMatchObject({ matched: 13, canGo: 4 });
  });

  it('lets events go that are retried by themselves if they are asked for', async () => {
    const rig = await createRedriveRig(1);
    await rig.notes.record({
      ...noteOf(rig.ids[0] ?? '', 'no'),
      ...{ state: 'retrying' as const, event: placeOf('account#1', 1) },
    });
    await rig.place('account#1', { seen: 1, blockedBy: blockedBy(1, { state: 'retrying' }) });

    expect(await planRedrive(rig.deps, {}, TERMS)).toMatchObject({ canGo: 0, noOps: { retried: 1 } });
    expect(await planRedrive(rig.deps, { state: 'retrying' }, TERMS)).toMatchObject({ canGo: 1, noOps: {} });
  });

  it('plans for a fifo consumer, which has no cursors', async () => {
    const rig = await createRedriveRig(2);
    await rig.handle({ source: '/accounts', id: rig.ids[0] ?? '' });

    expect(await planRedrive({ ...rig.deps, cursors: undefined, skips: undefined }, {}, TERMS)).toMatchObject({
      matched: 1,
      canGo: 1,
    });
  });
});

describe('stageSizes', () => {
  it.each([
    [0, [1, 2], []],
    [1, [1, 2], [1]],
    [2, [1, 2], [1, 1]],
    [3, [1, 2], [1, 2]],
    [10, [1, 2], [1, 2, 7]],
    [10, [], [10]],
  ])('cuts %i events by %j', (total, stages, sizes) => {
    expect(stageSizes(total, stages)).toStrictEqual(sizes);
  });
});
