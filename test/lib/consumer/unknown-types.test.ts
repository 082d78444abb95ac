import { describe, expect, it } from 'vitest';
import { createDeployments, HOUR_MS } from '../../fixtures/banking-deployments.ts';
import { Audited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { batchOf, createRig, eventOf, messageOf } from './rig.ts';

describe('an event whose type the next deployment takes', () => {
  it('waits at a strict consumer, with its successors, and is handled in order by the new code', async () => {
    const bank = createDeployments();
    await bank.publish('deposited', 'withdrawn', 'deposited');
    const withdrawn = bank.message(2);

    const returned = await bank.receive(bank.first, bank.message(1), withdrawn, bank.message(3));

    expect(returned).toStrictEqual([withdrawn.messageId]);
    // half a minute, and half of five seconds
    expect(bank.queue.visibilityChanges).toStrictEqual([{ receiptHandle: withdrawn.receiptHandle, delaySeconds: 33 }]);
    expect(bank.cursor()).toMatchObject({
      processed: 1,
      seen: 3,
      blockedBy: {
        sequence: { N: '2' },
        source: { S: '/accounts' },
        type: { S: 'com.example.account.withdrawn' },
        state: { S: 'retrying' },
        reason: { M: { code: { S: 'EVENT_TYPE_UNKNOWN' } } },
      },
    });

    bank.clock.advance(600_000);
    const both = bank.deployBoth();
    await bank.receive(both, bank.message(2, 2));
    // a message that comes again gives what waits behind it a message of its own
    expect(bank.queue.resent).toStrictEqual([{ group: 'account#7', body: bank.message(3).body }]);
    await bank.receive(both, bank.message(3));

    expect(bank.handled).toStrictEqual(['deposited 1', 'withdrawn 2', 'deposited 3']);
    expect(bank.cursor()).toStrictEqual({ processed: 3, seen: 3, blockedBy: undefined });
  });

  it('gets new receives where its message has used them up, as often as a deployment needs', async () => {
    const bank = createDeployments();
    await bank.publish('withdrawn');
    for (let minute = 0; minute < 59; minute++) {
      const last = bank.message(1, 3);
      expect(await bank.receive(bank.first, last)).toStrictEqual([]);
      expect(bank.queue.deleted.at(-1)).toBe(last.receiptHandle);
      bank.clock.advance(60_000);
    }

    expect(bank.queue.resent).toHaveLength(59);
    expect(bank.emitted.at(-1)).toMatchObject({ EventsDeferred: 1 });
    await bank.receive(bank.deployBoth(), bank.message(1));

    expect(bank.handled).toStrictEqual(['withdrawn 1']);
  });

  it('keeps its place before what shares its batch, in whatever order they come', async () => {
    const bank = createDeployments();
    await bank.publish('deposited', 'withdrawn', 'deposited');

    await bank.receive(bank.first, bank.message(3), bank.message(2), bank.message(1));
    await bank.receive(bank.deployBoth(), bank.message(2));

    expect(bank.handled).toStrictEqual(['deposited 1', 'withdrawn 2', 'deposited 3']);
  });

  it('keeps its message while its group waits for an earlier event: the old code would step over it in the log', async () => {
    const bank = createDeployments();
    await bank.publish('deposited', 'withdrawn', 'deposited');
    bank.failWhen((what) => (what === 'deposited 1' ? new Error('locked') : undefined));
    await bank.receive(bank.first, bank.message(1));

    const withdrawn = bank.message(2);
    expect(await bank.receive(bank.first, withdrawn, bank.message(3))).toStrictEqual([withdrawn.messageId]);

    bank.failWhen(() => undefined);
    await bank.receive(bank.first, bank.message(1));
    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 3']);
    await bank.receive(bank.deployBoth(), bank.message(2, 2));
    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 3', 'withdrawn 2']);
  });

  it('keeps its message where it brings a failing event along', async () => {
    const bank = createDeployments();
    await bank.publish('deposited', 'withdrawn');
    bank.failWhen(() => new Error('locked'));

    const withdrawn = bank.message(2);
    const returned = await bank.receive(bank.first, withdrawn);

    expect(returned).toStrictEqual([withdrawn.messageId]);
    expect(bank.queue.resent).toStrictEqual([{ group: 'account#7', body: bank.message(1).body }]);
    expect(bank.cursor()).toMatchObject({ processed: 0, seen: 2, blockedBy: { sequence: { N: '1' } } });
  });

  it.each(['fifo', 'strict'] as const)('waits at a %s consumer without a group', async (ordering) => {
    const rig = createRig(() => undefined, { ordering });
    const event = await eventOf(Audited, { note: 'a' }, { id: 'e1', partitionkey: 'e1', type: 'com.example.other' });
    const message = messageOf(JSON.stringify(event), 'e1');

    const { batchItemFailures } = await rig.handler(batchOf(message), lambdaContext());

    expect(batchItemFailures).toStrictEqual([{ itemIdentifier: message.messageId }]);
    expect(rig.queue.visibilityChanges).toStrictEqual([{ receiptHandle: message.receiptHandle, delaySeconds: 33 }]);
    expect(await rig.notes.find('e1')).toMatchObject({ code: 'EVENT_TYPE_UNKNOWN', state: 'retrying' });
  });
});

describe('an event whose type no deployment has brought for an hour', () => {
  it('becomes a dead letter of a strict consumer, and its group goes on behind it', async () => {
    const letters: unknown[] = [];
    const bank = createDeployments({ onDeadLetter: (letter) => letters.push(letter) });
    await bank.publish('withdrawn', 'deposited');
    await bank.receive(bank.first, bank.message(1), bank.message(2));
    bank.clock.advance(HOUR_MS);

    const last = bank.message(1, 2);
    const returned = await bank.receive(bank.first, last);

    expect(bank.queue.resent).toStrictEqual([{ group: 'account#7', body: bank.message(2).body }]);
    expect(bank.emitted.at(-1)).toMatchObject({ GroupsReleased: 1 });
    expect(returned).toStrictEqual([last.messageId]);
    expect(bank.queue.visibilityChanges.at(-1)).toStrictEqual({ receiptHandle: last.receiptHandle, delaySeconds: 0 });
    expect(letters).toMatchObject([{ failure: { code: 'EVENT_TYPE_UNKNOWN' }, holdsGroup: false }]);

    await bank.receive(bank.first, bank.message(2));
    expect(bank.handled).toStrictEqual(['deposited 2']);
    expect(bank.cursor()).toStrictEqual({ processed: 2, seen: 2, blockedBy: undefined });
  });

  it.each(['fifo', 'strict'] as const)(
    'becomes a dead letter of a %s consumer without a group, at each receive that SQS takes for it',
    async (ordering) => {
      const rig = createRig(() => undefined, { ordering });
      const event = await eventOf(Audited, { note: 'a' }, { id: 'e1', partitionkey: 'e1', type: 'com.example.other' });
      const receive = async (receiveCount: number) => {
        const message = messageOf(JSON.stringify(event), 'e1');
        message.attributes.ApproximateReceiveCount = String(receiveCount);
        await rig.handler(batchOf(message), lambdaContext());
        return rig.queue.visibilityChanges.at(-1)?.delaySeconds;
      };
      await receive(3);
      expect(rig.queue.resent).toHaveLength(1);
      // the receives of a new message, and a clock that goes on
      rig.clock.advance(HOUR_MS - 1);
      expect(await receive(1)).toBe(33);
      rig.clock.advance(1);

      expect(await receive(2)).toBe(0);
      expect(await receive(3)).toBe(0);
      expect(rig.queue.resent).toHaveLength(1);
      expect(await rig.notes.find('e1')).toMatchObject({ code: 'EVENT_TYPE_UNKNOWN', state: 'dead' });
    },
  );

  it('waits for an hour again after its redrive, and holds nothing', async () => {
    const bank = createDeployments();
    await bank.publish('withdrawn', 'deposited', 'deposited');
    await bank.receive(bank.first, bank.message(1), bank.message(2));
    bank.clock.advance(HOUR_MS);
    for (const receiveCount of [2, 3]) await bank.receive(bank.first, bank.message(1, receiveCount));
    await bank.receive(bank.first, bank.message(2));
    bank.clock.advance(5 * HOUR_MS);

    const redriven = bank.message(1);
    const returned = await bank.receive(bank.first, redriven, bank.message(3));

    expect(returned).toStrictEqual([redriven.messageId]);
    expect(bank.queue.visibilityChanges.at(-1)).toStrictEqual({
      receiptHandle: redriven.receiptHandle,
      delaySeconds: 33,
    });
    expect(bank.handled).toStrictEqual(['deposited 2', 'deposited 3']);
    expect(bank.cursor()).toStrictEqual({ processed: 3, seen: 3, blockedBy: undefined });

    bank.clock.advance(HOUR_MS);
    await bank.receive(bank.first, bank.message(1, 2));
    expect(bank.queue.visibilityChanges.at(-1)?.delaySeconds).toBe(0);
  });

  it('is handled after its redrive by code that takes it, and said to be late', async () => {
    const bank = createDeployments();
    await bank.publish('withdrawn', 'deposited');
    await bank.receive(bank.first, bank.message(1), bank.message(2));
    bank.clock.advance(HOUR_MS);
    for (const receiveCount of [2, 3]) await bank.receive(bank.first, bank.message(1, receiveCount));
    await bank.receive(bank.first, bank.message(2));

    const both = bank.deployBoth();
    const returned = await bank.receive(both, bank.message(1));

    expect(returned).toStrictEqual([]);
    expect(bank.handled).toStrictEqual(['deposited 2', 'withdrawn 1']);
    expect(both.emitted.at(-1)).toMatchObject({ EventsHandledLate: 1 });
  });
});

describe('an event that is no event of the outbox log', () => {
  it('waits alone where its type is unknown: no group waits for it', async () => {
    const bank = createDeployments();
    await bank.publish('deposited');
    await bank.receive(bank.first, bank.message(1));
    const foreign = await eventOf(
      Audited,
      { note: 'a' },
      { id: 'e1', partitionkey: 'account#7', sequence: '0000000000000002', type: 'com.example.other' },
    );

    const returned = await bank.receive(bank.first, messageOf(JSON.stringify(foreign), 'account#7'));

    expect(returned).toHaveLength(1);
    expect(bank.cursor()).toStrictEqual({ processed: 1, seen: 1, blockedBy: undefined });
  });
});

describe('an event of a type that the code does not take', () => {
  it('is stepped over where only the log has it: no message says that somebody subscribed to it', async () => {
    const bank = createDeployments();
    await bank.publish('deposited', 'withdrawn', 'deposited');

    await bank.receive(bank.first, bank.message(1), bank.message(3));

    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 3']);
    expect(bank.cursor()).toStrictEqual({ processed: 3, seen: 3, blockedBy: undefined });
  });
});

describe('a group that waits for an event of a type that a deployment has removed', () => {
  const refuse = (what: string) => (what.startsWith('withdrawn') ? new Error('no funds') : undefined);

  /** The group is held by a withdrawal, which is a dead letter; then the code takes deposits alone. */
  async function holdAndRemove() {
    const bank = createDeployments();
    bank.failWhen(refuse);
    await bank.publish('deposited', 'withdrawn', 'deposited', 'deposited');
    const both = bank.deployBoth();
    await bank.receive(both, bank.message(1), bank.message(2), bank.message(3));
    for (const receiveCount of [2, 3]) await bank.receive(both, bank.message(2, receiveCount));
    expect(bank.cursor()).toMatchObject({ processed: 1, seen: 3, blockedBy: { state: { S: 'dead' } } });
    return { bank, removed: bank.deployDeposits() };
  }

  it('goes on at the next arrival', async () => {
    const { bank, removed } = await holdAndRemove();
    bank.clock.advance(HOUR_MS);

    const returned = await bank.receive(removed, bank.message(4));

    expect(returned).toStrictEqual([]);
    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 3', 'deposited 4']);
    expect(bank.cursor()).toStrictEqual({ processed: 4, seen: 4, blockedBy: undefined });
    expect(removed.emitted.at(-1)).toMatchObject({ GroupsReleased: 1 });
    expect(removed.lines).toContainEqual(
      expect.objectContaining({
        level: 'WARN',
        message: 'the group no longer waits for an event of a type that this code does not handle',
        group: 'account#7',
        sequence: 2,
        event_type: 'com.example.account.withdrawn',
      }),
    );
  });

  it('goes on when its dead letter is redriven or resent', async () => {
    const { bank, removed } = await holdAndRemove();
    bank.clock.advance(HOUR_MS);

    await bank.receive(removed, bank.message(2));

    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 3']);
    expect(bank.cursor()).toStrictEqual({ processed: 3, seen: 3, blockedBy: undefined });
  });

  it('waits on for as long as an execution of the old code may meet what newer code has marked', async () => {
    const { bank, removed } = await holdAndRemove();
    bank.clock.advance(HOUR_MS - 1);

    await bank.receive(removed, bank.message(4));

    expect(bank.handled).toStrictEqual(['deposited 1']);
    expect(bank.cursor()).toMatchObject({ processed: 1, seen: 4, blockedBy: { sequence: { N: '2' } } });
  });

  it('goes on where the cursor is of older code and does not name the type', async () => {
    const { bank, removed } = await holdAndRemove();
    const [cursor] = bank.store.items('cursors');
    const { source: _, type: __, ...older } = cursor?.['waitingFor']?.M ?? {};
    bank.tables.apply([{ Put: { TableName: 'cursors', Item: { ...cursor, waitingFor: { M: older } } } }]);
    bank.clock.advance(HOUR_MS);

    await bank.receive(removed, bank.message(4));

    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 3', 'deposited 4']);
  });
});
