import { describe, expect, it } from 'vitest';
import { createInMemoryHandledEvents } from '../../../lib/testing/in-memory-handled-events.ts';
import { createInMemoryInboxRecords } from '../../../lib/testing/in-memory-inbox-records.ts';
import { Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { batchOf, createRig, type DepositHandler, eventOf, messageOf, type RigOptions } from './rig.ts';

const EVENT = { source: '/accounts', id: 'e1' };
const WHY = 'the account was closed before';

const deposit = async (options: object = {}) =>
  messageOf(
    JSON.stringify(await eventOf(Deposited, { accountId: '7', amount: 1 }, { id: 'e1', ...options })),
    'account#7',
  );

function createSkipping(handler: DepositHandler, options: RigOptions = {}) {
  const rig = createRig(handler, options);
  const stored = { tables: rig.tables, tableName: 'inbox', consumer: 'banking' };
  return {
    ...rig,
    record: () => createInMemoryInboxRecords(stored).find(EVENT),
    handled: createInMemoryHandledEvents(stored),
  };
}

describe.each(['commit', 'before'] as const)("skip, with claim '%s'", (claim) => {
  it('counts the event as done with its reason, and commits nothing of the handler', async () => {
    const followed: string[] = [];
    const rig = createSkipping(
      (_, { tx, skip, afterCommit }) => {
        tx.put({ TableName: 'accounts', Item: { accountId: '7' } });
        tx.publish(Deposited, { accountId: '8', amount: 1 });
        afterCommit(() => void followed.push('ran'));
        return skip(WHY);
      },
      { claim },
    );

    expect(await rig.handler(batchOf(await deposit()), lambdaContext())).toStrictEqual({ batchItemFailures: [] });

    expect(await rig.record()).toMatchObject({ status: 'completed', skipped: WHY });
    expect(rig.store.items('accounts')).toStrictEqual([]);
    expect(followed).toStrictEqual([]);
    expect(rig.emitted[0]).toMatchObject({ EventsSkipped: 1 });
    expect(rig.emitted[0]).not.toHaveProperty('EventsHandled');
    expect(rig.lines).toMatchObject([{ level: 'INFO', message: 'event skipped by its handler', reason: WHY }]);
    expect(await rig.handled.among([EVENT])).toStrictEqual([EVENT]);
    expect(await rig.handled.skippedAmong([EVENT])).toStrictEqual([EVENT]);
  });

  it('makes a later message of the event a duplicate', async () => {
    const rig = createSkipping((_, { skip }) => skip(WHY), { claim });

    await rig.handler(batchOf(await deposit()), lambdaContext());
    await rig.handler(batchOf(await deposit()), lambdaContext());

    expect(rig.emitted[1]).toMatchObject({ DuplicatesSkipped: 1 });
    expect(rig.emitted[1]).not.toHaveProperty('EventsSkipped');
  });

  it('skips, too, if the handler catches what skip throws', async () => {
    const rig = createSkipping(
      async (_, { tx, skip }) => {
        tx.put({ TableName: 'accounts', Item: { accountId: '7' } });
        await Promise.resolve()
          .then(() => skip(WHY))
          .catch(() => undefined);
      },
      { claim },
    );

    await rig.handler(batchOf(await deposit()), lambdaContext());

    expect(await rig.record()).toMatchObject({ skipped: WHY });
    expect(rig.store.items('accounts')).toStrictEqual([]);
  });

  it('needs a reason, and cuts a long one', async () => {
    const silent = createSkipping((_, { skip }) => skip(' '), { claim });
    const talkative = createSkipping((_, { skip }) => skip('x'.repeat(501)), { claim });

    await silent.handler(batchOf(await deposit()), lambdaContext());
    await talkative.handler(batchOf(await deposit()), lambdaContext());

    expect(silent.lines).toMatchObject([
      { level: 'ERROR', error: { message: 'skip needs a reason as text, got an empty one' } },
    ]);
    expect(await silent.record()).not.toMatchObject({ status: 'completed' });
    expect(await talkative.record()).toMatchObject({ skipped: 'x'.repeat(500) });
  });

  it('lets the group of a strict consumer continue', async () => {
    const handled: string[] = [];
    const rig = createSkipping(
      ({ id }, { skip }) => {
        if (id === 'e1') skip(WHY);
        handled.push(id);
      },
      { claim, ordering: 'strict' },
    );
    const message = async (id: string, sequence: string) =>
      messageOf(JSON.stringify(await eventOf(Deposited, { accountId: '7', amount: 1 }, { id, sequence })), 'account#7');

    await rig.handler(batchOf(await message('e1', '1'), await message('e2', '2')), lambdaContext());

    expect(handled).toStrictEqual(['e2']);
    expect(rig.emitted[0]).toMatchObject({ EventsSkipped: 1, EventsHandled: 1 });
  });
});
