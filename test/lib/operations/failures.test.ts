import { describe, expect, it } from 'vitest';
import { countFailures, listFailures } from '../../../lib/operations/index.ts';
import { addMs } from '../../../lib/shared/time.ts';
import { blockedBy, createOpsRig, gathered, noteOf, T0 } from './rig.ts';

const SOURCE = '/accounts';
const DEPOSITED = 'com.example.account.deposited';

const placeOf = (group: string, sequence: number, type = DEPOSITED) => ({
  event: { source: SOURCE, type, group, sequence },
});

/** A note of an event that blocks no group. */
const alone = (subject: string, message: string, more: object = {}) => ({
  ...noteOf(subject, message),
  ...placeOf(subject, 1),
  holdsGroup: false,
  ...more,
});

describe('countFailures', () => {
  it('counts by fingerprint, the most frequent first, over ordered and unordered events and other messages', async () => {
    const rig = createOpsRig();
    await rig.place('account#1', { seen: 4, blockedBy: blockedBy(2) });
    await rig.notes.record({ ...noteOf('e1', "card '77' refused"), ...placeOf('account#1', 2), tenantId: 'acme' });
    await rig.notes.record(alone('e2', "card '12' refused", { tenantId: 'bolt', state: 'retrying' }));
    await rig.notes.record(alone('e3', "card '13' refused", { tenantId: 'bolt', deferred: true, state: 'retrying' }));
    const { event: _, ...message } = alone('message:7', 'not an event');
    await rig.notes.record(message);

    const [first, second, ...others] = await countFailures(rig);

    expect(first).toStrictEqual({
      consumer: 'billing',
      fingerprint: '48d9d94b4f8c',
      code: 'Error',
      pattern: "card '…' refused",
      count: 3,
      states: { dead: 1, retrying: 1, deferred: 1 },
      types: { [DEPOSITED]: 3 },
      tenants: 2,
      behind: 2,
      firstAt: T0,
      lastAt: T0,
      example: expect.objectContaining({ subject: 'e1', state: 'dead', behind: 2 }),
    });
    expect(second).toMatchObject({ pattern: 'not an event', count: 1, types: { '': 1 }, behind: 0, tenants: 0 });
    expect(others).toStrictEqual([]);
  });

  it('tells its progress', async () => {
    const rig = createOpsRig();
    await rig.notes.record(alone('e1', 'no'));
    await rig.notes.record(alone('e2', 'no'));
    const told: number[] = [];

    await countFailures(rig, {}, (failures) => told.push(failures));

    expect(told).toStrictEqual([2]);
  });

  it('finds nothing where nothing fails', async () => {
    expect(await countFailures(createOpsRig())).toStrictEqual([]);
  });
});

describe('listFailures', () => {
  const subjectsOf = async (...[rig, filter]: Parameters<typeof listFailures>) =>
    (await gathered(listFailures(rig, filter))).flat().map(({ subject }) => subject);

  it('leaves out what was handled or skipped since, which the cursor and the inbox tell', async () => {
    const rig = createOpsRig();
    await rig.place('account#1', { processed: 2, seen: 4 });
    await rig.place('account#2', { processed: 1, seen: 4, blockedBy: blockedBy(2) });
    await rig.notes.record({ ...noteOf('passed', 'no'), ...placeOf('account#1', 2) });
    await rig.notes.record({ ...noteOf('blocks', 'no'), ...placeOf('account#2', 2) });
    await rig.notes.record(alone('handled', 'no'));
    await rig.notes.record(alone('open', 'no'));
    await rig.handle({ source: SOURCE, id: 'handled' });

    expect(await subjectsOf(rig)).toStrictEqual(['blocks', 'open']);
  });

  it('asks the inbox about an event of a strict consumer that failed out of its order', async () => {
    const rig = createOpsRig();
    await rig.place('account#1', { processed: 5, seen: 5 });
    await rig.notes.record({ ...alone('late', 'no'), ...placeOf('account#1', 2) });

    expect(await subjectsOf(rig)).toStrictEqual(['late']);
  });

  it('lists the failures of a fifo consumer, which has no cursors', async () => {
    const rig = createOpsRig();
    await rig.notes.record({ ...alone('e1', 'no'), holdsGroup: true });

    expect(await subjectsOf({ ...rig, cursors: undefined })).toStrictEqual(['e1']);
  });

  it.each([
    [{ type: 'com.example.other' }, ['e2']],
    [{ tenantId: 'acme' }, ['e3']],
    [{ state: 'deferred' }, ['e4']],
    [{ state: 'retrying' }, ['e5']],
    [{ state: 'dead' }, ['e1', 'e2', 'e3']],
    [{ before: addMs(T0, 1) }, ['e1']],
    [{ state: 'dead', before: addMs(T0, 1) }, ['e1']],
    [{ state: 'retrying', before: addMs(T0, 1) }, []],
  ] as const)('filters by %j', async (filter, subjects) => {
    const rig = createOpsRig();
    await rig.notes.record(alone('e1', 'no'));
    rig.clock.advance(1_000);
    await rig.notes.record({ ...alone('e2', 'no'), ...placeOf('e2', 1, 'com.example.other') });
    await rig.notes.record(alone('e3', 'no', { tenantId: 'acme' }));
    await rig.notes.record(alone('e4', 'no', { state: 'retrying', deferred: true }));
    await rig.notes.record(alone('e5', 'no', { state: 'retrying' }));

    expect(await subjectsOf(rig, filter)).toStrictEqual(subjects);
  });

  it('reads the failures of one fingerprint only', async () => {
    const rig = createOpsRig();
    await rig.notes.record(alone('e1', 'no'));
    await rig.notes.record(alone('e2', 'no money'));
    const [, { fingerprint } = { fingerprint: undefined }] = await countFailures(rig);

    expect(await subjectsOf(rig, { fingerprint })).toStrictEqual(['e2']);
  });
});
