import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../lib/event/index.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { batchOf, createRig, eventOf, messageOf } from './rig.ts';

const deposit = async (attributes: object = {}) =>
  messageOf(
    JSON.stringify({ ...(await eventOf(Deposited, { accountId: '7', amount: 1 }, { id: 'e1' })), ...attributes }),
    'account#7',
  );

describe.each(['strict', 'fifo'] as const)('a handler of a %s consumer', (ordering) => {
  it('reads who caused the event, and its own events name the same principal', async () => {
    const principals: unknown[] = [];
    const rig = createRig(
      (_event, { tx, principal }) => {
        principals.push(principal, tx.origin().principal);
        tx.publish(Audited, { note: 'seen' });
      },
      { ordering },
    );

    await rig.handler(batchOf(await deposit({ authtype: 'app_user', authid: 'user-7' })), lambdaContext());

    expect(principals).toStrictEqual([
      { type: 'app_user', id: 'user-7' },
      { type: 'app_user', id: 'user-7' },
    ]);
    expect(rig.store.events.map(({ body }) => parseEvent(body))).toMatchObject([
      { type: 'com.example.audit.noted', causationid: 'e1', authtype: 'app_user', authid: 'user-7' },
    ]);
  });

  it('gets no principal of an event that names none', async () => {
    const principals: unknown[] = [];
    const rig = createRig((_event, { principal }) => void principals.push(principal), { ordering });

    await rig.handler(batchOf(await deposit()), lambdaContext());

    expect(principals).toStrictEqual([undefined]);
  });

  it('leaves no principal in lines, metrics, notes and cursors', async () => {
    const rig = createRig(
      () => {
        throw new Error('the ledger is closed');
      },
      { ordering },
    );

    await rig.handler(batchOf(await deposit({ authtype: 'app_user', authid: 'subject-of-jane' })), lambdaContext());

    const traces = JSON.stringify([rig.lines, rig.emitted, rig.notes.all(), rig.store.items('cursors')]);
    expect(traces).toContain('the ledger is closed');
    expect(traces).not.toContain('subject-of-jane');
  });
});
