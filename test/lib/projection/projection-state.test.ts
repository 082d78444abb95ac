import { describe, expect, it } from 'vitest';
import { accounts } from './accounts.ts';
import { createRig } from './rig.ts';

const failed = (upTo: number) => ({ group: 'account#a', upTo, code: 'PROJECTION_STEP_FAILED', message: 'odd' });

async function createBuilding() {
  const rig = createRig(accounts);
  await rig.rebuild.start({ acceptHorizon: false });
  const note = async (upTo: number) => {
    const control = await rig.state.control();
    await rig.outbox.transact((tx) => rig.state.noteFailed(tx, control, failed(upTo)));
  };
  return { ...rig, note };
}

describe('the state of a projection', () => {
  it('keeps a group on the list if it is noted again while it is processed', async () => {
    const { state, note } = await createBuilding();
    await note(3);
    await note(4);

    await state.resolveFailed(2, failed(3));
    expect(await state.failed(2)).toStrictEqual([failed(4)]);

    await state.resolveFailed(2, failed(4));
    expect(await state.failed(2)).toStrictEqual([]);
  });

  it('refuses a switch based on a read before a group was noted', async () => {
    const { state, note } = await createBuilding();
    const [control, job] = await Promise.all([state.control(), state.job()]);
    if (job === undefined) throw new Error('no rebuild was begun');

    await note(3);

    expect(await state.save({ control: { ...control, building: undefined }, job })).toBe('conflict');
    expect((await state.control()).building).toMatchObject({ generation: 2, version: 1, noted: true });
  });

  it('refuses a note after the list was processed or the generation was switched', async () => {
    const { outbox, state, advanceToEnd } = await createBuilding();
    const control = await state.control();
    await advanceToEnd();

    await expect(outbox.transact((tx) => state.noteFailed(tx, control, failed(3)))).rejects.toMatchObject({
      code: 'OUTBOX_CONDITION_FAILED',
    });
  });

  it('moves a position only if it has not changed since the read', async () => {
    const { outbox, state } = createRig(accounts);
    const at = (position: number) => ({ position, since: Math.min(position, 1) });
    const move = (from: number, to: number) =>
      outbox.transact((tx) => tx.put(state.positionWrite(1, 'account#a', at(from), at(to))));

    await move(0, 2);

    await expect(move(0, 3)).rejects.toMatchObject({ code: 'OUTBOX_CONDITION_FAILED' });
    await expect(move(1, 3)).rejects.toMatchObject({ code: 'OUTBOX_CONDITION_FAILED' });
    await move(2, 3);
    expect(await state.position(1, 'account#a')).toStrictEqual({ position: 3, since: 1 });
    expect(await state.position(2, 'account#a')).toStrictEqual({ position: 0, since: 0 });
  });
});
