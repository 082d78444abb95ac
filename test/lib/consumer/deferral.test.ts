import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { BreakerOpenError, ExternalUnavailableError } from '../../../lib/resilience/index.ts';
import { remainingMs } from '../../../lib/shared/deadline.ts';
import { Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { batchOf, createRig, messageOf, type RigOptions } from './rig.ts';

/** A consumer that may receive a message three times, and cannot reach what it calls. */
async function createAccount(
  failure: () => Error | undefined,
  options: RigOptions,
  work: () => Promise<void> | undefined = () => undefined,
) {
  const amounts: number[] = [];
  const rig = createRig(async ({ data }) => {
    const error = failure();
    if (error !== undefined) throw error;
    await work();
    amounts.push(data.amount);
  }, options);
  for (const amount of [1, 2]) {
    await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount }));
  }
  const [first = '', second = ''] = rig.store.events.map(({ body }) => body);
  const message = (body: string, receiveCount: number): SQSRecord => {
    const record = messageOf(body, 'account#7');
    return { ...record, attributes: { ...record.attributes, ApproximateReceiveCount: String(receiveCount) } };
  };
  const receive = async (...records: SQSRecord[]) => {
    const { batchItemFailures } = await rig.handler(batchOf(...records), lambdaContext());
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  return { ...rig, amounts, first, second, message, receive };
}

const open = () => new BreakerOpenError('payment-gateway', 30);

describe.each(['strict', 'fifo'] as const)(
  'a %s consumer with an event that another execution is handling',
  (ordering) => {
    /** Receives the event while an execution that received it before is still at work. */
    async function collide(receiveCount: number) {
      const work = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      const account = await createAccount(
        () => undefined,
        { ordering, claim: 'before' },
        () => {
          begun.resolve();
          return work.promise;
        },
      );
      const earlier = account.receive(account.message(account.first, 1));
      await begun.promise;
      const message = account.message(account.first, receiveCount);
      const returned = await account.receive(message);
      const { visibilityChanges, resent, deleted } = account.queue;
      const queue = { visibilityChanges: [...visibilityChanges], resent: [...resent], deleted: [...deleted] };
      work.resolve();
      await earlier;
      return { ...account, message, returned, queue };
    }

    it('waits until the other execution’s claim can have expired', async () => {
      const { message, returned, queue } = await collide(2);

      expect(returned).toStrictEqual([message.messageId]);
      expect(queue.visibilityChanges.at(-1)).toStrictEqual({ receiptHandle: message.receiptHandle, delaySeconds: 31 });
      expect(queue.resent).toStrictEqual([]);
    });

    it('resends the event if its message has used up its receives', async () => {
      const { first, message, returned, queue } = await collide(3);

      expect(returned).toStrictEqual([]);
      expect(queue.resent).toStrictEqual([{ group: 'account#7', body: first }]);
      expect(queue.deleted).toStrictEqual([message.receiptHandle]);
    });
  },
);

describe.each(['strict', 'fifo'] as const)('a %s consumer with a deferred event', (ordering) => {
  it('hides the message for the requested wait plus jitter', async () => {
    const account = await createAccount(open, { ordering });
    const message = account.message(account.first, 1);

    const returned = await account.receive(message);

    expect(returned).toStrictEqual([message.messageId]);
    // half of five seconds, as after a first failure
    expect(account.queue.visibilityChanges).toStrictEqual([{ receiptHandle: message.receiptHandle, delaySeconds: 33 }]);
    expect(account.emitted.at(-1)).toMatchObject({ EventsDeferred: 1, EventsFailed: 1 });
  });

  it('never hides a message so long that it could expire before its last receive', async () => {
    const account = await createAccount(() => new BreakerOpenError('payment-gateway', 40_000), {
      ordering,
      queueRetentionSeconds: 86_400,
    });
    const message = account.message(account.first, 1);

    await account.receive(message);

    // a quarter of a day: it is received three times at most
    expect(account.queue.visibilityChanges).toStrictEqual([
      { receiptHandle: message.receiptHandle, delaySeconds: 21_600 },
    ]);
  });

  it('resends the event if its message has used up its receives', async () => {
    const deadLetters: unknown[] = [];
    const account = await createAccount(open, { ordering, onDeadLetter: (letter) => deadLetters.push(letter) });
    const message = account.message(account.first, 3);
    account.clock.advance(90_000);

    const returned = await account.receive(message);

    expect(returned).toStrictEqual([]);
    // of the event, not of its message: that one is as young as its receives
    expect(account.emitted.at(-1)).toMatchObject({ EventsDeferred: 1, RenewedEventAge: 90_000 });
    expect(account.queue.resent).toStrictEqual([{ group: 'account#7', body: account.first }]);
    expect(account.queue.deleted).toStrictEqual([message.receiptHandle]);
    expect(deadLetters).toStrictEqual([]);
    expect(await account.notes.find(JSON.parse(account.first).id)).toMatchObject({
      code: 'BREAKER_OPEN',
      state: 'retrying',
    });
  });

  it('waits at least the requested time after an ordinary failure, and lets the last receive become a dead letter', async () => {
    const account = await createAccount(() => Object.assign(new Error('come back later'), { retryAfterSeconds: 90 }), {
      ordering,
    });
    const early = account.message(account.first, 1);
    const last = account.message(account.first, 3);

    await account.receive(early);
    const returned = await account.receive(last);

    expect(
      account.queue.visibilityChanges.filter(({ receiptHandle }) => receiptHandle === early.receiptHandle),
    ).toContainEqual({
      receiptHandle: early.receiptHandle,
      delaySeconds: 90,
    });
    expect(account.queue.visibilityChanges.at(-1)).toStrictEqual({
      receiptHandle: last.receiptHandle,
      delaySeconds: 0,
    });
    expect(returned).toStrictEqual([last.messageId]);
    expect(account.queue.resent).toStrictEqual([]);
  });

  it('does not defer an error without retryAfterSeconds', async () => {
    const account = await createAccount(() => new ExternalUnavailableError('payment-gateway', 'it answered 500'), {
      ordering,
    });
    const message = account.message(account.first, 3);

    const returned = await account.receive(message);

    expect(returned).toStrictEqual([message.messageId]);
    expect(account.queue.resent).toStrictEqual([]);
  });
});

describe('a strict consumer with a deferred event', () => {
  it('resends the event if some of its receives were deferred, and counts all receives of the new message', async () => {
    const failures: Error[] = [open(), ...Array.from({ length: 4 }, () => new Error('odd'))];
    const account = await createAccount(() => failures.shift(), { ordering: 'strict' });
    for (const receiveCount of [1, 2]) await account.receive(account.message(account.first, receiveCount));

    const third = await account.receive(account.message(account.first, 3));

    expect(third).toStrictEqual([]);
    expect(account.queue.resent).toStrictEqual([{ group: 'account#7', body: account.first }]);

    for (const receiveCount of [1, 2]) await account.receive(account.message(account.first, receiveCount));
    failures.push(new Error('odd'));
    const last = account.message(account.first, 3);

    expect(await account.receive(last)).toStrictEqual([last.messageId]);
    expect(account.queue.resent).toHaveLength(1);
    expect(account.store.items('cursors')).toMatchObject([{ waitingFor: { M: { state: { S: 'dead' } } } }]);
  });

  it('tries an event with two messages once, and deletes the second message', async () => {
    const failures: Error[] = [open(), new Error('odd')];
    const account = await createAccount(() => failures.shift(), { ordering: 'strict' });
    const [one, other] = [account.message(account.first, 3), account.message(account.first, 3)];

    const returned = await account.receive(one, other);

    expect(returned).toStrictEqual([]);
    expect(account.queue.resent).toStrictEqual([{ group: 'account#7', body: account.first }]);
    expect(failures).toHaveLength(1);
    expect(account.store.items('cursors')).toMatchObject([{ waitingFor: { M: { state: { S: 'retrying' } } } }]);
  });

  it('blocks the group in order, and continues when the wait is over', async () => {
    let isAway = true;
    const account = await createAccount(() => (isAway ? open() : undefined), { ordering: 'strict' });

    const returned = await account.receive(account.message(account.first, 3), account.message(account.second, 1));
    expect(returned).toStrictEqual([]);
    expect(account.store.items('cursors')).toMatchObject([
      {
        processed: { N: '0' },
        seen: { N: '2' },
        waitingFor: { M: { state: { S: 'retrying' }, attempts: { N: '0' } } },
      },
    ]);

    isAway = false;
    await account.receive(account.message(account.queue.resent[0]?.body ?? '', 1));

    expect(account.amounts).toStrictEqual([1, 2]);
  });

  it('resends the event if another execution received its message', async () => {
    const account = await createAccount(open, { ordering: 'strict' });
    const message = account.message(account.first, 1);
    account.queue.gone.add(message.receiptHandle);

    await account.receive(message);

    expect(account.queue.resent).toStrictEqual([{ group: 'account#7', body: account.first }]);
  });
});

describe('a fifo consumer with a deferred event', () => {
  it('continues with the messages after a resent one', async () => {
    let calls = 0;
    const account = await createAccount(() => (++calls === 1 ? open() : undefined), { ordering: 'fifo' });

    await account.receive(account.message(account.first, 3), account.message(account.second, 1));

    expect(account.amounts).toStrictEqual([2]);
  });
});

it('a handler’s signal provides the remaining time of the invocation', async () => {
  const left: (number | undefined)[] = [];
  const { handler, outbox, store, clock } = createRig(
    (_event, { signal }) => void left.push(remainingMs(signal, clock)),
  );
  await outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount: 1 }));

  await handler(batchOf(messageOf(store.events[0]?.body ?? '', 'account#7')), {
    ...lambdaContext(),
    getRemainingTimeInMillis: () => 8_000,
  });

  // half a second is kept for giving back what is not done
  expect(left).toStrictEqual([7_500]);
});
