import { describe, expect, it } from 'vitest';
import { tidyDeadLetters } from '../../../lib/operations/index.ts';
import { blockedBy, createOpsRig, T0 } from './rig.ts';

async function createTidyRig() {
  const rig = createOpsRig();
  const bodies: string[] = [];
  for (const account of ['1', '2', '3', '4']) {
    await rig.deposit(account);
    bodies.push((await rig.log.find({ group: `account#${account}`, sequence: 1 }))?.body ?? '');
  }
  for (const body of [...bodies, 'not an event']) rig.undeliverable.put(body);
  const deps = { deadLetters: rig.undeliverable, handled: rig.handled, strict: rig };
  return { ...rig, deps };
}

describe('tidyDeadLetters', () => {
  it('deletes the copies of what was handled or skipped, and leaves and shows all others', async () => {
    const rig = await createTidyRig();
    await rig.handle({ source: '/accounts', id: 'event-1' });
    await rig.place('account#2', { seen: 1, blockedBy: blockedBy(1) });
    const cursor = await rig.cursor('account#2');
    if (cursor === undefined) throw new Error('no cursor');
    await rig.skips.commit(rig.cursors.change('account#2', cursor, { ...cursor, processed: 1, blockedBy: undefined }), {
      ...{ consumer: 'billing', group: 'account#2', sequence: 1, eventId: 'event-2', eventType: 't', by: 'ann' },
      ...{ reason: 'closed', at: T0, waitedSince: T0, failure: { code: 'E', message: 'm' }, generation: 0 },
    });
    let batches = 0;

    const tidied = await tidyDeadLetters(rig.deps, async () => {
      batches += 1;
    });

    expect(tidied).toStrictEqual({ deleted: 2, left: 3 });
    expect(rig.undeliverable.deleted).toStrictEqual(['receipt-1', 'receipt-2']);
    expect(rig.undeliverable.shownAgain.toSorted()).toStrictEqual(['receipt-3', 'receipt-4', 'receipt-5']);
    expect(batches).toBe(3);
  });

  it('leaves an event that the cursor has passed without handling it', async () => {
    const rig = await createTidyRig();
    await rig.place('account#1', { processed: 3, seen: 3 });

    expect(await tidyDeadLetters(rig.deps)).toStrictEqual({ deleted: 0, left: 5 });
  });

  it('asks the inbox for the generation of the group', async () => {
    const rig = await createTidyRig();
    await rig.handle({ source: '/accounts', id: 'event-1' });
    await rig.place('account#1', { processed: 0, seen: 1, generation: 1, blockedBy: blockedBy(1) });

    expect(await tidyDeadLetters(rig.deps)).toStrictEqual({ deleted: 0, left: 5 });
  });

  it('tidies for a fifo consumer', async () => {
    const rig = await createTidyRig();
    await rig.handle({ source: '/accounts', id: 'event-3' });

    expect(await tidyDeadLetters({ ...rig.deps, strict: undefined })).toStrictEqual({ deleted: 1, left: 4 });
  });
});
