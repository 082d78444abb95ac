import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { skipRecordKey } from '../../../lib/definitions/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createDeployments } from '../../fixtures/banking-deployments.ts';
import type { RigOptions } from './rig.ts';

/** Three deposits, of which the cursor went past the second without it, as an execution of older code may have. */
async function passSecond(options: RigOptions = {}) {
  const bank = createDeployments(options);
  await bank.publish('deposited', 'deposited', 'deposited');
  await bank.receive(bank.first, bank.message(1));
  await setCursor(bank, { processed: { N: '2' }, seen: { N: '2' } });
  const both = bank.deployDeposits();
  await bank.receive(both, bank.message(3));
  expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 3']);
  return { bank, both };
}

type Bank = ReturnType<typeof createDeployments>;

async function setCursor(bank: Bank, change: Record<string, AttributeValue>): Promise<void> {
  const [cursor] = bank.store.items('cursors');
  bank.tables.apply([{ Put: { TableName: 'cursors', Item: { ...cursor, ...change } } }]);
}

describe('an event that the cursor passed without handling', () => {
  it('is handled when its message arrives, and reported as late', async () => {
    const { bank, both } = await passSecond();

    const returned = await bank.receive(both, bank.message(2));

    expect(returned).toStrictEqual([]);
    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 3', 'deposited 2']);
    expect(bank.cursor()).toStrictEqual({ processed: 3, seen: 3, blockedBy: undefined });
    expect(both.emitted.at(-1)).toMatchObject({ EventsHandledLate: 1, EventsHandled: 1 });
    expect(both.emitted.at(-1)).not.toHaveProperty('DuplicatesSkipped');
    expect(both.lines).toContainEqual(
      expect.objectContaining({
        level: 'WARN',
        message: 'handled late: the cursor had passed the event without handling it',
        group: 'account#7',
        sequence: '0000000000000002',
        processed: 3,
      }),
    );
  });

  it('is handled once, however often its message arrives', async () => {
    const { bank, both } = await passSecond();

    await bank.receive(both, bank.message(2), bank.message(2));
    await bank.receive(both, bank.message(2));

    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 3', 'deposited 2']);
    expect(both.emitted.at(-1)).toMatchObject({ DuplicatesSkipped: 1 });
  });

  it('blocks no group if it fails', async () => {
    const letters: unknown[] = [];
    const { bank, both } = await passSecond({ onDeadLetter: (letter) => letters.push(letter) });
    bank.failWhen((what) => (what === 'deposited 2' ? new Error('locked') : undefined));
    await bank.publish('deposited');

    const second = bank.message(2);
    const returned = await bank.receive(both, second, bank.message(4));

    expect(returned).toStrictEqual([second.messageId]);
    expect(bank.queue.visibilityChanges.at(-1)).toStrictEqual({ receiptHandle: second.receiptHandle, delaySeconds: 3 });
    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 3', 'deposited 4']);
    expect(bank.cursor()).toStrictEqual({ processed: 4, seen: 4, blockedBy: undefined });

    await bank.receive(both, bank.message(2, 3));
    expect(letters).toMatchObject([{ failure: { code: 'Error' }, holdsGroup: false }]);
  });

  it('stays a duplicate if an operator skipped it', async () => {
    const { bank, both } = await passSecond();
    const id = skipRecordKey('banking', { group: 'account#7', sequence: 2 }, 0);
    bank.tables.apply([{ Put: { TableName: 'inbox', Item: { id: { S: id } } } }]);

    await bank.receive(both, bank.message(2));

    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 3']);
    expect(both.emitted.at(-1)).toMatchObject({ DuplicatesSkipped: 1 });
  });

  it.each<[string, string, number | undefined, RigOptions]>([
    ['is older than the consumer’s start', 'before the start', undefined, { startsAt: 8e15 as EpochMs }],
    [
      'is older than what the inbox remembers',
      'older than the inbox records',
      1,
      { inboxAnswersSince: () => 8e15 as EpochMs },
    ],
  ])('stays a duplicate if it %s, and the reason is logged', async (_, why, unverified, options) => {
    const { bank, both } = await passSecond(options);

    await bank.receive(both, bank.message(2));

    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 3']);
    expect(both.emitted.at(-1)).toMatchObject({ DuplicatesSkipped: 1 });
    expect(both.emitted.at(-1)?.['DuplicatesUnverified']).toBe(unverified);
    expect(both.lines.at(-1)).toMatchObject({ level: 'WARN', group: 'account#7', why });
  });

  it('is handled before later events that wait in the log', async () => {
    const { bank, both } = await passSecond();
    await bank.publish('deposited');
    await setCursor(bank, { seen: { N: '4' } });

    await bank.receive(both, bank.message(2));

    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 3', 'deposited 2', 'deposited 4']);
  });

  it('keeps its message while an earlier crash suspect runs', async () => {
    const { bank, both } = await passSecond();
    await bank.publish('deposited', 'deposited');

    const second = bank.message(2);
    const fifth = bank.message(5);
    await bank.receive(both, bank.message(4, 2), second, fifth);

    // what the log brings again is spared the end of the process; what the cursor is past has its message alone
    expect(bank.queue.deleted).toStrictEqual([fifth.receiptHandle]);
    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 3', 'deposited 4', 'deposited 2', 'deposited 5']);
  });

  it('is deleted before a crash suspect runs if it is a duplicate', async () => {
    const { bank, both } = await passSecond();
    await bank.publish('deposited');

    const first = bank.message(1);
    const again = bank.message(4);
    await bank.receive(both, bank.message(4, 2), first, again);

    // duplicates: to be received again with the killer would only make dead letters of them
    expect(bank.queue.deleted).toStrictEqual([first.receiptHandle, again.receiptHandle]);
    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 3', 'deposited 4']);
  });
});

describe('a duplicate event', () => {
  it('costs one inbox read, and none if the same execution handled it', async () => {
    const reads: string[] = [];
    const bank = createDeployments();
    await bank.publish('deposited', 'deposited', 'deposited');
    const get = bank.tables.get;
    Object.assign(bank.tables, {
      get: (table: string, key: Parameters<typeof get>[1]) => {
        if (table === 'inbox') reads.push(key['id']?.S ?? '');
        return get(table, key);
      },
    });
    await bank.receive(bank.first, bank.message(3), bank.message(1), bank.message(2));
    const untilHandled = reads.length;

    await bank.receive(bank.first, bank.message(2));

    expect([untilHandled, reads.length]).toStrictEqual([0, 1]);
    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 2', 'deposited 3']);
  });
});
