import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { PermanentError } from '../../../lib/consumer/index.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { batchOf, createRig, type DepositHandler, messageOf, type RigOptions } from './rig.ts';

/** A strict consumer of one account, whose log holds `count` deposits. */
async function createAccount(count: number, onDeposit: DepositHandler, options: RigOptions = {}) {
  const rig = createRig(onDeposit, { ordering: 'strict', ...options });
  for (let amount = 1; amount <= count; amount++) {
    await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount }));
  }
  const bodies = rig.store.events.map(({ body }) => body);
  const message = (sequence: number, receiveCount = 1): SQSRecord => {
    const record = messageOf(bodies[sequence - 1] ?? '', 'account#7');
    return { ...record, attributes: { ...record.attributes, ApproximateReceiveCount: String(receiveCount) } };
  };
  const receive = async (...records: SQSRecord[]) => {
    const { batchItemFailures } = await rig.handler(batchOf(...records), lambdaContext());
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  const cursor = () => {
    const [item] = rig.store.items('cursors');
    return item === undefined
      ? undefined
      : { processed: Number(item['processed']?.N), seen: Number(item['seen']?.N), blockedBy: item['waitingFor']?.M };
  };
  return { ...rig, bodies, message, receive, cursor };
}

/** Notes the amounts that are handled; fails as told. */
function createRecorder(failing: (amount: number) => Error | undefined = () => undefined) {
  const amounts: number[] = [];
  const onDeposit: DepositHandler = ({ data }) => {
    const error = failing(data.amount);
    if (error !== undefined) throw error;
    amounts.push(data.amount);
  };
  return { amounts, onDeposit };
}

describe('a strict consumer', () => {
  it('handles events in sequence order, regardless of the order of their messages', async () => {
    const { amounts, onDeposit } = createRecorder();
    const account = await createAccount(5, onDeposit);

    const returned = await account.receive(
      account.message(3),
      account.message(1),
      account.message(5),
      account.message(2),
    );

    expect(amounts).toStrictEqual([1, 2, 3, 4, 5]);
    expect(returned).toStrictEqual([]);
    expect(account.cursor()).toStrictEqual({ processed: 5, seen: 5, blockedBy: undefined });
  });

  it('commits the cursor, the inbox record and the handler’s writes together', async () => {
    const account = await createAccount(1, ({ data }, { tx }) => {
      tx.put({
        TableName: 'accounts',
        Item: { accountId: data.accountId },
        ConditionExpression: 'attribute_exists(accountId)',
      });
    });

    await account.receive(account.message(1));

    expect(account.store.items('accounts')).toStrictEqual([]);
    expect(account.store.items('inbox')).toStrictEqual([]);
    expect(account.cursor()).toMatchObject({ processed: 0 });
  });

  it('commits record and cursor if the handler writes nothing', async () => {
    const account = await createAccount(1, () => undefined);

    await account.receive(account.message(1));

    expect(account.store.items('inbox')).toMatchObject([{ status: { S: 'COMPLETED' } }]);
    expect(account.cursor()).toMatchObject({ processed: 1 });
  });

  it('does not use up receives of the events after a failing event', async () => {
    const { amounts, onDeposit } = createRecorder((amount) => (amount === 2 ? new Error('locked') : undefined));
    const account = await createAccount(4, onDeposit);
    const second = account.message(2);

    const returned = await account.receive(account.message(1), second, account.message(3), account.message(4));

    expect(amounts).toStrictEqual([1]);
    expect(returned).toStrictEqual([second.messageId]);
    expect(account.cursor()).toMatchObject({
      processed: 1,
      seen: 4,
      blockedBy: { sequence: { N: '2' }, attempts: { N: '1' }, state: { S: 'retrying' } },
    });
    // half of five seconds
    expect(account.queue.visibilityChanges).toStrictEqual([{ receiptHandle: second.receiptHandle, delaySeconds: 3 }]);
  });

  it('continues from the log after the failing event was redriven and succeeded', async () => {
    let locked = true;
    const { amounts, onDeposit } = createRecorder((amount) =>
      locked && amount === 2 ? new Error('locked') : undefined,
    );
    const account = await createAccount(5, onDeposit);
    await account.receive(account.message(1), account.message(2), account.message(3));
    await account.receive(account.message(2, 2), account.message(4));
    await account.receive(account.message(2, 3), account.message(5));
    expect(account.cursor()).toMatchObject({ processed: 1, seen: 5, blockedBy: { state: { S: 'dead' } } });

    locked = false;
    const returned = await account.receive(account.message(2, 1));

    expect(returned).toStrictEqual([]);
    expect(amounts).toStrictEqual([1, 2, 3, 4, 5]);
    expect(account.cursor()).toStrictEqual({ processed: 5, seen: 5, blockedBy: undefined });
  });

  it('resends a failing event that another message led to', async () => {
    const { amounts, onDeposit } = createRecorder((amount) => (amount === 2 ? new Error('locked') : undefined));
    const account = await createAccount(3, onDeposit);
    await account.receive(account.message(1));

    const returned = await account.receive(account.message(3));

    expect(returned).toStrictEqual([]);
    expect(amounts).toStrictEqual([1]);
    expect(account.queue.resent).toStrictEqual([{ group: 'account#7', body: account.bodies[1] }]);
    expect(account.cursor()).toMatchObject({ processed: 1, seen: 3, blockedBy: { sequence: { N: '2' } } });
  });

  it('resends a missing event that may have crashed the process instead of trying it again', async () => {
    const { amounts, onDeposit } = createRecorder();
    const account = await createAccount(3, onDeposit);
    await account.receive(account.message(1));

    const returned = await account.receive(account.message(3, 2));

    expect(returned).toStrictEqual([]);
    expect(amounts).toStrictEqual([1]);
    expect(account.queue.resent).toStrictEqual([{ group: 'account#7', body: account.bodies[1] }]);

    await account.receive(account.message(2));
    expect(amounts).toStrictEqual([1, 2, 3]);
  });

  it('deletes finished messages before it runs a crash suspect', async () => {
    const { amounts, onDeposit } = createRecorder();
    const account = await createAccount(4, onDeposit);
    await account.receive(account.message(1));
    const [first, second, third, fourth] = [1, 2, 3, 4].map((sequence) => account.message(sequence, 2));
    if (!first || !second || !third || !fourth) throw new Error('four messages were made');

    await account.receive(first, second, third, fourth);

    expect(account.queue.deleted.slice(0, 3)).toStrictEqual([
      first.receiptHandle,
      third.receiptHandle,
      fourth.receiptHandle,
    ]);
    expect(amounts).toStrictEqual([1, 2, 3, 4]);
    expect(account.cursor()).toMatchObject({ processed: 4, seen: 4 });
  });

  it('deletes nothing early if the event has a recorded failure', async () => {
    const account = await createAccount(3, createRecorder(() => new Error('locked')).onDeposit);
    await account.receive(account.message(1));

    await account.receive(account.message(1, 2), account.message(2, 2), account.message(3, 2));

    expect(account.queue.deleted).toStrictEqual([]);
  });

  it('resends an event whose message is no longer valid when it fails', async () => {
    const { onDeposit } = createRecorder(() => new Error('locked'));
    const account = await createAccount(1, onDeposit);
    const first = account.message(1);
    account.queue.gone.add(first.receiptHandle);

    await account.receive(first);

    expect(account.queue.resent).toStrictEqual([{ group: 'account#7', body: account.bodies[0] }]);
  });

  it('processes an event without a message from the log when a duplicate of an earlier event arrives', async () => {
    const { amounts, onDeposit } = createRecorder();
    const account = await createAccount(3, onDeposit);

    await account.receive(account.message(2));
    await account.receive(account.message(2), account.message(1));

    expect(amounts).toStrictEqual([1, 2]);
    expect(account.cursor()).toMatchObject({ processed: 2, seen: 2 });
  });

  it('steps over events of types that are not subscribed', async () => {
    const { amounts, onDeposit } = createRecorder();
    const rig = await createAccount(1, onDeposit);
    const Renamed = { ...Deposited, type: 'com.example.account.renamed' };
    await rig.outbox.transact((tx) => tx.publish(Renamed, { accountId: '7', amount: 2 }));
    await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount: 3 }));

    await rig.receive(messageOf(rig.store.events[2]?.body ?? '', 'account#7'));

    expect(amounts).toStrictEqual([1, 3]);
    expect(rig.cursor()).toMatchObject({ processed: 3, seen: 3 });
  });

  it('moves a permanent failure to the DLQ without another try, and tries it again after a redrive', async () => {
    let tries = 0;
    const told: unknown[] = [];
    const account = await createAccount(
      1,
      () => {
        tries += 1;
        throw new PermanentError('the account is closed');
      },
      { onDeadLetter: (deadLetter) => told.push(deadLetter) },
    );

    await account.receive(account.message(1));
    await account.receive(account.message(1, 2));
    await account.receive(account.message(1, 3));
    const triesBeforeRedrive = tries;
    await account.receive(account.message(1, 1));

    expect(triesBeforeRedrive).toBe(1);
    expect(tries).toBe(2);
    expect(account.queue.visibilityChanges.map(({ delaySeconds }) => delaySeconds)).toStrictEqual([0, 0, 0, 0]);
    expect(told[0]).toMatchObject({
      failure: { code: 'PERMANENT', message: 'the account is closed' },
      holdsGroup: true,
    });
  });

  it('treats the error codes listed in the subscription as permanent', async () => {
    const failure = Object.assign(new Error('no'), { code: 'CARD_REFUSED' });
    const account = await createAccount(1, createRecorder(() => failure).onDeposit, {
      permanentErrors: ['CARD_REFUSED'],
    });

    await account.receive(account.message(1));

    expect(account.cursor()).toMatchObject({ blockedBy: { permanent: { BOOL: true }, state: { S: 'dead' } } });
  });

  it('records why an event failed, when first and last, and how often', async () => {
    const account = await createAccount(1, createRecorder(() => new Error('locked')).onDeposit);
    const [event] = account.store.events;

    await account.receive(account.message(1));
    account.clock.advance(5_000);
    await account.receive(account.message(1, 3));

    expect(await account.notes.find(event?.id ?? '')).toMatchObject({
      code: 'Error',
      message: 'locked',
      stackHead: expect.stringContaining('Error: locked'),
      attempts: 3,
      firstAt: 1_795_154_400_000,
      lastAt: 1_795_154_405_000,
      state: 'dead',
      holdsGroup: true,
    });
  });

  it('notes and logs where in the user’s own code the error came from', async () => {
    const account = await createAccount(1, createRecorder(() => new Error('locked')).onDeposit);
    const [event] = account.store.events;

    await account.receive(account.message(1));

    const thrownAt = expect.stringMatching(/^test\/lib\/consumer\/strict\.test\.ts:\d+$/);
    expect(await account.notes.find(event?.id ?? '')).toMatchObject({ thrownAt });
    expect(account.lines.find(({ message }) => message === 'event failed')).toMatchObject({
      error: { thrown_at: thrownAt },
    });
  });

  it('blocks no group for a message that is not an event', async () => {
    const { amounts, onDeposit } = createRecorder();
    const account = await createAccount(2, onDeposit);
    const odd = messageOf('hello', 'account#7');

    const returned = await account.receive(account.message(1), odd, account.message(2));

    expect(returned).toStrictEqual([odd.messageId]);
    expect(amounts).toStrictEqual([1, 2]);
    expect(account.cursor()).toMatchObject({ processed: 2, blockedBy: undefined });
  });

  it('needs no cursor for events without a group', async () => {
    const rig = createRig(() => undefined, { ordering: 'strict' });
    await rig.outbox.transact((tx) => tx.publish(Audited, { note: 'a' }));
    const [event] = rig.store.events;

    await rig.handler(batchOf(messageOf(event?.body ?? '', event?.group)), lambdaContext());

    expect(rig.store.items('inbox')).toHaveLength(1);
    expect(rig.store.items('cursors')).toStrictEqual([]);
  });

  it('reports a message group that differs from the event’s once, and keeps the order', async () => {
    const { amounts, onDeposit } = createRecorder();
    const account = await createAccount(2, onDeposit);
    const literal = (sequence: number) => messageOf(account.bodies[sequence - 1] ?? '', '$.detail.partitionkey');

    await account.receive(literal(2), literal(1));
    await account.receive(literal(1));

    expect(amounts).toStrictEqual([1, 2]);
    expect(account.lines.filter(({ message }) => String(message).startsWith('the message group differs'))).toHaveLength(
      1,
    );
    expect(account.emitted.map(({ GroupMismatches }) => GroupMismatches)).toStrictEqual([1, undefined]);
  });

  it('releases the messages of a group whose calls fail, and processes the other groups', async () => {
    const { amounts, onDeposit } = createRecorder();
    const account = await createAccount(1, onDeposit);
    await account.outbox.transact((tx) => tx.publish(Deposited, { accountId: '8', amount: 2 }));
    const [one, other] = [account.message(1), messageOf(account.store.events[1]?.body ?? '', 'account#8')];
    account.refuseCursorsOf('account#7');

    const returned = await account.receive(one, other);

    expect(returned).toStrictEqual([one.messageId]);
    expect(amounts).toContain(2);
    expect(account.lines).toContainEqual(
      expect.objectContaining({ message: 'processing a group failed: its messages return to the queue' }),
    );
  });

  it('rejects the batch if no cursor can be read, without dead letters for messages on their last receive', async () => {
    const account = await createAccount(2, createRecorder().onDeposit);
    const [early, last] = [account.message(2, 2), account.message(1, 3)];
    account.refuseToReadCursorsOf('account#7');

    await expect(account.receive(early, last)).rejects.toThrow('the table refuses');

    expect(account.queue.resent).toStrictEqual([{ group: 'account#7', body: account.bodies[0] }]);
    expect(account.queue.deleted).toStrictEqual([last.receiptHandle]);
    expect(account.emitted).toHaveLength(1);
  });

  it('rejects the batch even if the queue also fails, and logs both', async () => {
    const account = await createAccount(1, createRecorder().onDeposit);
    account.refuseToReadCursorsOf('account#7');
    account.queue.resend = async () => {
      throw new Error('the queue refuses');
    };

    await expect(account.receive(account.message(1, 3))).rejects.toThrow('the table refuses');

    expect(account.lines.at(-1)).toMatchObject({ level: 'ERROR', error: { message: 'the queue refuses' } });
  });

  it('handles events without a group beside the groups, and retried ones after them', async () => {
    const order: string[] = [];
    const account = await createAccount(1, () => void order.push('grouped'), {
      onOther: () => void order.push('alone'),
    });
    await account.outbox.transact((tx) => tx.publish(Audited, { note: 'a' }));
    await account.outbox.transact((tx) => tx.publish(Audited, { note: 'b' }));
    const alone = (index: number, receiveCount: string) => {
      const event = account.store.events[index];
      const record = messageOf(event?.body ?? '', event?.group);
      return { ...record, attributes: { ...record.attributes, ApproximateReceiveCount: receiveCount } };
    };

    await account.receive(alone(1, '2'), account.message(1));
    expect(order).toStrictEqual(['grouped', 'alone']);
    expect(account.queue.deleted).toHaveLength(1);

    await account.outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount: 2 }));
    await account.receive(alone(2, '1'), messageOf(account.store.events[3]?.body ?? '', 'account#7'));
    expect(order).toStrictEqual(['grouped', 'alone', 'alone', 'grouped']);
  });

  it('deletes finished events without a group before it runs a crash suspect', async () => {
    const account = await createAccount(1, createRecorder().onDeposit);
    await account.outbox.transact((tx) => tx.publish(Audited, { note: 'a' }));
    const event = account.store.events[1];
    const alone = messageOf(event?.body ?? '', event?.group);

    await account.receive(alone, account.message(1, 2));

    expect(account.queue.deleted).toStrictEqual([alone.receiptHandle]);
  });

  it('resends an untried event on its last receive', async () => {
    const { amounts, onDeposit } = createRecorder();
    const account = await createAccount(1, onDeposit, { timeoutSignal: () => AbortSignal.abort() });
    const message = account.message(1, 3);

    const returned = await account.receive(message);

    expect(returned).toStrictEqual([]);
    expect(amounts).toStrictEqual([]);
    expect(account.queue.resent).toStrictEqual([{ group: 'account#7', body: account.bodies[0] }]);
    expect(account.queue.deleted).toStrictEqual([message.receiptHandle]);
  });

  it('cannot be created without cursors and log', () => {
    expect(() => createRig(() => undefined, { ordering: 'strict', withoutStrict: true })).toThrow(
      expect.objectContaining({
        code: 'CONSUMER_WIRING',
        message:
          "consumer 'banking' has ordering 'strict' and was created without 'strict': pass cursors and log, as createConsumerRuntime does, or choose ordering 'fifo'",
      }),
    );
  });
});
