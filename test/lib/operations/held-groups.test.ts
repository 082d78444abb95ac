import { describe, expect, it } from 'vitest';
import { listHeld } from '../../../lib/operations/index.ts';
import { addMs } from '../../../lib/shared/time.ts';
import { blockedBy, createOpsRig, gathered, noteOf, T0 } from './rig.ts';

describe('listHeld', () => {
  it('lists the held groups, longest first, with the event, the reason and the number of events behind', async () => {
    const rig = createOpsRig();
    const [dead] = await rig.deposit('1', 3);
    await rig.deposit('2');
    await rig.deposit('3');
    await rig.place('account#1', { seen: 3, blockedBy: blockedBy(1, { since: addMs(T0, 2) }) });
    await rig.place('account#2', { seen: 1, blockedBy: blockedBy(1, { since: addMs(T0, 1), state: 'retrying' }) });
    await rig.place('account#3', { processed: 1, seen: 1 });

    const groups = await gathered(listHeld(rig));

    expect(groups.map(({ group }) => group)).toStrictEqual(['account#2', 'account#1']);
    expect(groups[1]).toStrictEqual({
      consumer: 'billing',
      tenantId: undefined,
      group: 'account#1',
      sequence: 1,
      eventId: dead,
      eventType: 'com.example.account.deposited',
      since: T0 + 2,
      attempts: 5,
      state: 'dead',
      reason: { code: 'Error', message: 'card refused' },
      thrownAt: undefined,
      depth: 2,
    });
  });

  it('reports the place of the error if the note is about the same failure', async () => {
    const rig = createOpsRig();
    const [first = ''] = await rig.deposit('1');
    const [second = ''] = await rig.deposit('2');
    await rig.place('account#1', { seen: 1, blockedBy: blockedBy(1) });
    await rig.place('account#2', { seen: 1, blockedBy: blockedBy(1) });
    await rig.notes.record(noteOf(first, 'card refused'));
    await rig.notes.record(noteOf(second, 'gateway away'));

    const groups = await gathered(listHeld(rig));

    expect(groups.map(({ group, thrownAt }) => [group, thrownAt])).toStrictEqual([
      ['account#1', 'functions/billing/charge.ts:7'],
      ['account#2', undefined],
    ]);
  });

  it('lists held groups of one state, over many pages', async () => {
    const rig = createOpsRig();
    for (let account = 1; account <= 7; account++) {
      const state = account % 2 === 0 ? 'dead' : 'retrying';
      await rig.place(`account#${account}`, { seen: 1, blockedBy: blockedBy(1, { state }) });
    }

    const groups = await gathered(listHeld(rig, { state: 'dead' }));

    expect(groups.map(({ group }) => group)).toStrictEqual(['account#2', 'account#4', 'account#6']);
    expect(groups[0]).toMatchObject({ eventId: undefined, depth: 0 });
  });

  it('lists held groups of one tenant', async () => {
    const rig = createOpsRig();
    for (const group of ['account#1', 'tenant:acme:account#1', 'tenant:acme-2:account#1']) {
      await rig.place(group, { seen: 1, blockedBy: blockedBy(1) });
    }

    const groups = await gathered(listHeld(rig, { tenantId: 'acme' }));

    expect(groups).toMatchObject([{ group: 'tenant:acme:account#1', tenantId: 'acme' }]);
  });
});
