import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { handlersFor } from '../../../lib/consumer/index.ts';
import { defineEvent, defineSubscription } from '../../../lib/definitions/index.ts';
import { createHarness } from '../../../lib/testing/index.ts';
import { Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { accounts, Moved, Opened } from '../projection/accounts.ts';
import { createRig } from '../projection/rig.ts';
import { batchOf, createRig as createConsumerRig, messageOf } from './rig.ts';

/** The type of another source: nobody here takes it. */
const TwinDeposited = defineEvent({
  type: 'com.example.account.deposited',
  source: '/imports',
  version: 1,
  schema: z.object({ accountId: z.string(), amount: z.int() }),
  group: (data) => `account#${data.accountId}`,
});

const TwinMoved = defineEvent({ ...Moved, source: '/imports' });

describe('the same type from another source', () => {
  it.each([
    ['its own message', [1, 2, 3]],
    ['the message of a later event', [1, 3, 2]],
    ['no message of its own', [1, 3]],
  ])('is not handled by a strict consumer, whether what comes is %s', async (_, sequences) => {
    const amounts: number[] = [];
    const rig = createConsumerRig(({ data }) => void amounts.push(data.amount), { ordering: 'strict' });
    await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount: 1 }));
    await rig.outbox.transact((tx) => tx.publish(TwinDeposited, { accountId: '7', amount: 2 }));
    await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount: 3 }));

    for (const sequence of sequences) {
      await rig.handler(batchOf(messageOf(rig.store.events[sequence - 1]?.body ?? '', 'account#7')), lambdaContext());
    }

    expect(amounts).not.toContain(2);
  });

  it('is not sent to a consumer of the harness', async () => {
    const amounts: number[] = [];
    const bank = createHarness();
    bank.serve(
      handlersFor(defineSubscription({ name: 'ledger', events: [Deposited] }), {
        'com.example.account.deposited': ({ data }) => void amounts.push(data.amount),
      }),
    );

    await bank.publish(TwinDeposited, { accountId: '7', amount: 2 });
    await bank.publish(Deposited, { accountId: '7', amount: 3 });
    await bank.runToEnd();

    expect(amounts).toStrictEqual([3]);
  });

  it('is not folded into a view that is built from the log', async () => {
    const rig = createRig(accounts);
    await rig.publish(Opened, { accountId: 'a', owner: 'ann' });
    await rig.publish(Moved, { accountId: 'a', amount: 4 });
    const before = createRig(accounts);
    await before.publish(Opened, { accountId: 'a', owner: 'ann' });
    await before.publish(Moved, { accountId: 'a', amount: 4 });
    await rig.publish(TwinMoved, { accountId: 'a', amount: 500 });

    for (const each of [rig, before]) {
      await each.rebuild.start({ acceptHorizon: false });
      await each.advanceToEnd();
    }

    expect(await rig.reader.get({ accountId: 'a' })).toStrictEqual(await before.reader.get({ accountId: 'a' }));
  });
});
