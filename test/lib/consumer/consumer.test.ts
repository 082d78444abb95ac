import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../lib/event/index.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { batchOf, createRig, type DepositHandler, eventOf, messageOf } from './rig.ts';

/** A message with a deposit to the account; its group is the account's. */
const deposit = async (id: string, accountId: string, amount = 1) =>
  messageOf(JSON.stringify(await eventOf(Deposited, { accountId, amount }, { id })), `account#${accountId}`);

describe('a consumer', () => {
  it('hands each event to its handler and commits what the handler collected', async () => {
    const { handler, store } = createRig((event, { tx }) => {
      tx.put({ TableName: 'accounts', Item: { accountId: event.data.accountId, amount: event.data.amount } });
      tx.publish(Audited, { note: `deposit ${event.id}` });
    });

    const response = await handler(batchOf(await deposit('e1', '7', 5)), lambdaContext());

    expect(response).toStrictEqual({ batchItemFailures: [] });
    expect(store.items('accounts')).toStrictEqual([{ accountId: { S: '7' }, amount: { N: '5' } }]);
    expect(parseEvent(store.events[0]?.body ?? '')).toMatchObject({
      type: 'com.example.audit.noted',
      correlationid: 'request-7',
      causationid: 'e1',
      hops: 1,
      data: { note: 'deposit e1' },
    });
  });

  it.each(['commit', 'before'] as const)(
    "has the effect of an event that comes twice once, at claim '%s'",
    async (claim) => {
      const { handler, store, emitted } = createRig(
        (event, { tx }) => tx.publish(Audited, { note: `deposit ${event.id}` }),
        { claim },
      );
      const twice = batchOf(await deposit('e1', '7'), await deposit('e1', '7'));

      const first = await handler(twice, lambdaContext());
      const second = await handler(twice, lambdaContext());

      expect(store.events).toHaveLength(1);
      expect([first, second]).toStrictEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
      expect(emitted.map(({ EventsHandled, DuplicatesSkipped }) => [EventsHandled, DuplicatesSkipped])).toStrictEqual([
        [1, 1],
        [undefined, [1, 1]],
      ]);
    },
  );

  it('releases the rest of a group after its first failure, and of no other group', async () => {
    const handled: string[] = [];
    const { handler } = createRig((event) => {
      if (event.id === 'a2') throw new Error('no');
      handled.push(event.id);
    });
    const [a1, a2, b1, a3, b2] = [
      await deposit('a1', 'a'),
      await deposit('a2', 'a'),
      await deposit('b1', 'b'),
      await deposit('a3', 'a'),
      await deposit('b2', 'b'),
    ];

    const { batchItemFailures } = await handler(batchOf(a1, a2, b1, a3, b2), lambdaContext());

    expect(batchItemFailures).toStrictEqual([{ itemIdentifier: a2.messageId }, { itemIdentifier: a3.messageId }]);
    expect(handled.toSorted()).toStrictEqual(['a1', 'b1', 'b2']);
  });

  it('releases only the message that fails of those without a group', async () => {
    const handled: string[] = [];
    const { handler } = createRig((event) => {
      if (event.id === 'e1') throw new Error('no');
      handled.push(event.id);
    });
    const [first, second] = await Promise.all(
      ['e1', 'e2'].map(async (id) =>
        messageOf(JSON.stringify(await eventOf(Deposited, { accountId: '7', amount: 1 }, { id }))),
      ),
    );
    if (first === undefined || second === undefined) throw new Error('two messages were made');

    const { batchItemFailures } = await handler(batchOf(first, second), lambdaContext());

    expect(batchItemFailures).toStrictEqual([{ itemIdentifier: first.messageId }]);
    expect(handled).toStrictEqual(['e2']);
  });

  it('runs the groups of a batch concurrently, and the events of a group one after another', async () => {
    const running = new Set<string>();
    const together: string[][] = [];
    const bothStarted = Promise.withResolvers<void>();
    const onDeposit: DepositHandler = async (event) => {
      running.add(event.id);
      together.push([...running].toSorted());
      if (running.size === 2) bothStarted.resolve();
      await bothStarted.promise;
      running.delete(event.id);
    };
    const { handler } = createRig(onDeposit);

    await handler(
      batchOf(await deposit('a1', 'a'), await deposit('a2', 'a'), await deposit('b1', 'b')),
      lambdaContext(),
    );

    expect(together.slice(0, 2)).toStrictEqual([['a1'], ['a1', 'b1']]);
    expect(together.some((ids) => ids.includes('a1') && ids.includes('a2'))).toBe(false);
  });

  it('writes nothing of a handler that fails, and hands the event out again', async () => {
    let attempts = 0;
    const { handler, store } = createRig((event, { tx }) => {
      tx.put({ TableName: 'accounts', Item: { accountId: event.data.accountId } });
      attempts += 1;
      if (attempts === 1) throw new Error('not yet');
    });
    const batch = batchOf(await deposit('e1', '7'));

    const first = await handler(batch, lambdaContext());
    const writtenByFirst = store.items('accounts').length;
    const second = await handler(batch, lambdaContext());

    expect(first.batchItemFailures).toHaveLength(1);
    expect(writtenByFirst).toBe(0);
    expect(second.batchItemFailures).toHaveLength(0);
    expect(store.items('accounts')).toHaveLength(1);
  });

  it.each([
    ['no JSON', async () => 'hello', 'EVENT_MALFORMED'],
    ['no event', async () => '{"hello":1}', 'EVENT_MALFORMED'],
    [
      'data that its schema refuses',
      async () => JSON.stringify(await eventOf(Deposited, { accountId: '7', amount: 1 }, { id: 'e1', data: {} })),
      'EVENT_DATA_INVALID',
    ],
  ])('releases a message that holds %s, with the reason in the log', async (_, body, code) => {
    const { handler, lines, emitted, queue } = createRig(() => undefined);
    const message = messageOf(await body(), 'account#7');

    const { batchItemFailures } = await handler(batchOf(message), lambdaContext());

    expect(batchItemFailures).toStrictEqual([{ itemIdentifier: message.messageId }]);
    expect(lines).toMatchObject([
      { level: 'ERROR', message: 'event failed', error_code: code, message_id: message.messageId, permanent: true },
      { level: 'ERROR', message: 'the event goes to the dead-letter queue', error_code: code, holds_group: false },
    ]);
    // at once: SQS counts the receives up and moves the message itself
    expect(queue.visibilityChanges).toStrictEqual([{ receiptHandle: message.receiptHandle, delaySeconds: 0 }]);
    expect(emitted[0]).toMatchObject({ EventsFailed: 1 });
  });

  it('logs with the ids of the event, in lines of the handler too', async () => {
    const { handler, lines } = createRig((_, { log }) => log.info('from the handler'));
    const event = await eventOf(
      Deposited,
      { accountId: '7', amount: 1 },
      { id: 'e1', causationid: 'e0', tenantid: 'acme', partitionkey: 'tenant:acme:account#7' },
    );

    await handler(batchOf(messageOf(JSON.stringify(event), 'tenant:acme:account#7')), lambdaContext());

    const ids = {
      event_id: 'e1',
      event_type: 'com.example.account.deposited',
      correlation_id: 'request-7',
      causation_id: 'e0',
      tenant_id: 'acme',
      group: 'tenant:acme:account#7',
      sequence: '0000000000000001',
    };
    expect(lines).toMatchObject([
      { message: 'from the handler', ...ids },
      { message: 'event handled', ...ids },
    ]);
  });

  it('measures from the event’s time to the commit of the handler’s work', async () => {
    const rig = createRig(() => rig.clock.advance(250));

    await rig.handler(batchOf(await deposit('e1', '7')), lambdaContext());

    expect(rig.emitted[0]).toMatchObject({ EventsHandled: 1, CommitToHandled: 250 });
  });

  it('gives the handler the same idempotency key at every attempt', async () => {
    const keys: string[] = [];
    const { handler } = createRig((_, { idempotencyKey }) => {
      keys.push(idempotencyKey);
      if (keys.length === 1) throw new Error('again');
    });
    const batch = batchOf(await deposit('e1', '7'));

    await handler(batch, lambdaContext());
    await handler(batch, lambdaContext());

    expect(keys).toStrictEqual(['banking//accounts/e1', 'banking//accounts/e1']);
  });
});

describe('a consumer whose time is nearly up', () => {
  it('tells the handler by its signal 500 ms ahead, and writes nothing of it however it ends', async () => {
    const deadline = new AbortController();
    const asked: number[] = [];
    let seenByHandler: AbortSignal | undefined;
    let lateWrite: unknown;
    const { handler, store, lines } = createRig(
      async (_, { tx, signal }) => {
        seenByHandler = signal;
        tx.put({ TableName: 'accounts', Item: { accountId: 'early' } });
        queueMicrotask(() => deadline.abort());
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        await new Promise((resolve) => setImmediate(resolve));
        try {
          tx.put({ TableName: 'accounts', Item: { accountId: 'late' } });
        } catch (error) {
          lateWrite = error;
        }
      },
      {
        timeoutSignal: (delayMs) => {
          asked.push(delayMs);
          return deadline.signal;
        },
      },
    );
    const [a1, a2, b1] = [await deposit('a1', 'a'), await deposit('a2', 'a'), await deposit('b1', 'b')];

    const { batchItemFailures } = await handler(batchOf(a1, a2, b1), lambdaContext(3_000));
    await new Promise((resolve) => setImmediate(resolve));

    expect(asked).toStrictEqual([2_500]);
    expect(seenByHandler?.aborted).toBe(true);
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toStrictEqual(
      [a1, a2, b1].map(({ messageId }) => messageId),
    );
    expect(lines[0]).toMatchObject({ error_code: 'HANDLER_DEADLINE' });
    expect(lateWrite).toMatchObject({ code: 'UNIT_OF_WORK_CLOSED' });
    expect(store.items('accounts')).toStrictEqual([]);
  });
});
