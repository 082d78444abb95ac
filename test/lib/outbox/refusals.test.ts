import { inspect } from 'node:util';
import { Logger } from '@aws-lambda-powertools/logger';
import { describe, expect, it } from 'vitest';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import {
  type CommitOutcome,
  createOutbox,
  type GuardedWrite,
  type OutboxStore,
  type UnitOfWork,
} from '../../../lib/outbox/index.ts';
import { createInMemoryOutboxStore } from '../../../lib/testing/in-memory-outbox-store.ts';
import { createInMemoryTables } from '../../../lib/testing/index.ts';
import { createCountingIds, createTestClock } from '../../fixtures/event-maker.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';

const ACCOUNTS = { partitionKey: { name: 'accountId', type: 'S' } } as const satisfies TableSchema;
const SECRET = 'ada@example.com';

const outboxOver = (store: OutboxStore, maxAttempts = 3) =>
  createOutbox({
    store,
    clock: createTestClock(),
    ids: createCountingIds(),
    sleep: async () => undefined,
    random: () => 0.5,
    retentionSeconds: 60,
    maxAttempts,
  });

const inMemory = () => {
  const tables = createInMemoryTables({ accounts: ACCOUNTS });
  return { tables, outbox: outboxOver(createInMemoryOutboxStore({ tables })) };
};

/** A store that answers the same to every commit. */
const answering = (outcome: CommitOutcome): OutboxStore => ({
  readHeads: async (groups) => new Map(groups.map((group) => [group, { last: 0 }])),
  commit: async () => outcome,
});

const refusing = (name: string, message: string): OutboxStore => ({
  readHeads: async () => new Map(),
  commit: () => Promise.reject(Object.assign(new Error(message), { name })),
});

const thrownBy = async (work: Promise<unknown>): Promise<Error> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
};

const guard: GuardedWrite = {
  write: { Update: { TableName: 'inbox', Key: { id: { S: 'r' } }, UpdateExpression: 'SET a = a' } },
  refused: () => new Error('overtaken'),
};

describe('an error of a failed condition', () => {
  const ITEM = { accountId: '7', email: SECRET, balance: 5 };
  const lose = async () => {
    const { outbox } = inMemory();
    await outbox.transact((tx) => tx.put({ TableName: 'accounts', Item: ITEM }));
    return thrownBy(
      outbox.transact((tx) =>
        tx.put({
          TableName: 'accounts',
          Item: { ...ITEM, note: SECRET },
          keyNames: ['accountId'],
          ConditionExpression: 'attribute_not_exists(accountId)',
        }),
      ),
    );
  };

  it('exposes the item to the caller, but not to loggers, JSON or inspect', async () => {
    const error = await lose();
    const lines: string[] = [];
    const logger = new Logger({ serviceName: 'test' });
    const console = { error: (line: string) => void lines.push(line) };
    Object.defineProperty(logger, 'console', { value: console });
    logger.error('failed', { error });

    expect(error).toMatchObject({
      item: { accountId: '7', email: SECRET, balance: 5 },
      subject: { target: { note: SECRET }, key: { accountId: '7' } },
    });
    expect(lines).toHaveLength(1);
    for (const shown of [error.message, JSON.stringify(error), inspect(error, { depth: 9 }), lines.join()]) {
      expect(shown).not.toContain(SECRET);
    }
  });

  it('names the write by the caller’s index and the key', async () => {
    expect((await lose()).message).toBe(
      "write 1 (Put in table 'accounts' of {\"accountId\":\"7\"}): its condition 'attribute_not_exists(accountId)' failed, the current item is in the error's 'item'; nothing was written",
    );
  });

  it('is also thrown if the item has a number that JavaScript cannot represent', async () => {
    const { tables, outbox } = inMemory();
    const big = { accountId: { S: '7' }, balance: { N: '12345678901234567890.5' } };
    tables.apply([{ Put: { TableName: 'accounts', Item: big } }]);

    const error = await thrownBy(
      outbox.transact((tx) =>
        tx.delete({ TableName: 'accounts', Key: { accountId: '7' }, ConditionExpression: 'attribute_exists(gone)' }),
      ),
    );

    expect(error).toMatchObject({ code: 'OUTBOX_CONDITION_FAILED' });
    expect(String((error as { item?: Record<string, unknown> }).item?.['balance'])).toBe('12345678901234567890.5');
  });

  it('reports a condition that compares values of different types as a mistake', async () => {
    const { outbox } = inMemory();
    await outbox.transact((tx) => tx.put({ TableName: 'accounts', Item: { ...ITEM, balance: '5' } }));
    const withdraw = (least: unknown) =>
      thrownBy(
        outbox.transact((tx) =>
          tx.update({
            TableName: 'accounts',
            Key: { accountId: '7' },
            UpdateExpression: 'SET #state = :state',
            ConditionExpression: 'attribute_exists(accountId) AND #balance >= :least',
            ExpressionAttributeNames: { '#balance': 'balance', '#state': 'state' },
            ExpressionAttributeValues: { ':least': least, ':state': 'open' },
          }),
        ),
      );

    expect(await withdraw(3)).toMatchObject({
      code: 'OUTBOX_CONDITION_FAILED',
      mistake: "'balance' is a text, and :least is a number",
      message: expect.stringContaining(
        "can never hold: 'balance' is a text, and :least is a number, and DynamoDB only compares values of the same type: change the condition or the value",
      ),
    });
    expect(await withdraw('9')).toMatchObject({ code: 'OUTBOX_CONDITION_FAILED', mistake: undefined });
  });

  it.each([
    ['balance = :number OR version = :version', 'values of different types in one of two ways to hold'],
    ['NOT (balance = :number) AND version = :version', 'values that are to be different'],
    ['balance <> :number AND version = :version', 'values that are to be different, of different types'],
    ['lockedBy = :nobody', 'an attribute that was set meanwhile, with null'],
    ['lockedBy = :nobody OR lockedBy = :me', 'an attribute with null or a value'],
    ['unlockedAt = :me', 'an attribute that was cleared meanwhile, with a value'],
  ])('reports no mistake for %s, which compares %s', async (ConditionExpression) => {
    const { outbox } = inMemory();
    const stored = { ...ITEM, balance: '5', version: 3, lockedBy: 'another', unlockedAt: null };
    await outbox.transact((tx) => tx.put({ TableName: 'accounts', Item: stored }));
    const all = { ':number': 3, ':version': 2, ':nobody': null, ':me': 'me' };
    const used = Object.entries(all).filter(([name]) => ConditionExpression.includes(name));

    const error = await thrownBy(
      outbox.transact((tx) =>
        tx.put({
          TableName: 'accounts',
          Item: ITEM,
          ConditionExpression,
          ExpressionAttributeValues: Object.fromEntries(used),
        }),
      ),
    );

    expect(error).toMatchObject({ code: 'OUTBOX_CONDITION_FAILED', mistake: undefined });
    expect(error.message).toContain('failed');
  });
});

describe('an item that is written twice in a unit of work', () => {
  const twice = async (collect: (tx: UnitOfWork) => void, store: OutboxStore = answering({ kind: 'committed' })) =>
    thrownBy(outboxOver(store).transact(collect));

  it('is rejected before the call, with the item and both writes', async () => {
    const error = await twice((tx) => {
      tx.put({ TableName: 'accounts', Item: { accountId: '8', email: SECRET } });
      tx.put({ TableName: 'accounts', Item: { accountId: '7', email: SECRET } });
      tx.update({ TableName: 'accounts', Key: { accountId: '7' }, UpdateExpression: 'SET a = :a' });
    });

    expect(error).toMatchObject({ code: 'OUTBOX_ITEM_TWICE' });
    expect(error.message).toBe(
      'one item of table \'accounts\' is written twice in one transaction, which DynamoDB does not allow, by write 2 (Put in table \'accounts\' of {"accountId":"7"}) and write 3 (Update in table \'accounts\' of {"accountId":"7"}); nothing was written: combine them into one write with both conditions',
    );
  });

  it('is rejected for puts only if the key is known, or all scalar attributes are equal', async () => {
    const known = await twice((tx) => {
      tx.put({ TableName: 'accounts', Item: { accountId: '7', n: 1 }, keyNames: ['accountId'] });
      tx.put({ TableName: 'accounts', Item: { accountId: '7', n: 2 }, keyNames: ['accountId'] });
    });
    const alike = await twice((tx) => {
      tx.put({ TableName: 'accounts', Item: { accountId: '7', list: [1] } });
      tx.put({ TableName: 'accounts', Item: { accountId: '7', list: [2] } });
    });

    expect([known, alike]).toMatchObject([{ code: 'OUTBOX_ITEM_TWICE' }, { code: 'OUTBOX_ITEM_TWICE' }]);
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['whatever cannot be a key', { accountId: '7', list: [1] }, { accountId: '7', flag: true }],
    ['their order', { accountId: '7', n: 1 }, { n: 1, accountId: '7' }],
    ['bytes of the same content', { id: new Uint8Array([1]) }, { id: new Uint8Array([1]), flag: true }],
  ])('is not rejected for puts that only differ in %s', async (_, first, second) => {
    const error = await twice((tx) => {
      tx.put({ TableName: 'accounts', Item: first });
      tx.put({ TableName: 'accounts', Item: second });
    });

    expect(error).toMatchObject({ code: 'OUTBOX_ITEM_TWICE' });
  });

  it('is rejected if one of the puts sets the key names', async () => {
    const error = await twice((tx) => {
      tx.put({ TableName: 'accounts', Item: { accountId: '7', n: 1 } });
      tx.put({ TableName: 'accounts', Item: { accountId: '7', n: 2 }, keyNames: ['accountId'] });
    });

    expect(error.message).toContain('by write 1 (Put in table \'accounts\' of {"accountId":"7"}) and write 2');
  });

  it('is reported after the call with the possible puts of each table', async () => {
    const error = await twice(
      (tx) => {
        tx.put({ TableName: 'accounts', Item: { accountId: '7', n: 1 } });
        tx.put({ TableName: 'archive', Item: { accountId: '7', n: 1 } });
        tx.put({ TableName: 'notes', Item: { accountId: '7' } });
        tx.put({ TableName: 'accounts', Item: { accountId: '7', n: 2 } });
        tx.put({ TableName: 'archive', Item: { accountId: '7', n: 2 } });
        tx.delete({ TableName: 'notes', Key: { accountId: '8' } });
      },
      refusing('ValidationException', 'Transaction request cannot include multiple operations on one item'),
    );

    expect(error.message).toMatch(/^one item of table 'accounts', 'archive' is written twice/);
    expect(error).toMatchObject({
      subjects: [
        { tableName: 'accounts', index: 0 },
        { tableName: 'accounts', index: 3 },
        { tableName: 'archive', index: 1 },
        { tableName: 'archive', index: 4 },
      ],
    });
  });

  it('is reported after the call if only DynamoDB knows the key', async () => {
    const error = await twice(
      (tx) => {
        tx.put({ TableName: 'accounts', Item: { accountId: '7', n: 1 } });
        tx.put({ TableName: 'accounts', Item: { accountId: '7', n: 2 } });
      },
      refusing('ValidationException', 'Transaction request cannot include multiple operations on one item'),
    );

    expect(error).toMatchObject({
      code: 'OUTBOX_ITEM_TWICE',
      message: expect.stringContaining("by write 1 (Put in table 'accounts') and write 2 (Put in table 'accounts')"),
    });
  });

  it('is not reported for another table or another key', async () => {
    const { events } = await outboxOver(answering({ kind: 'committed' })).transact((tx) => {
      tx.put({ TableName: 'accounts', Item: { accountId: '7' } });
      tx.put({ TableName: 'accounts', Item: { accountId: '8' } });
      tx.put({ TableName: 'archive', Item: { accountId: '7' } });
      tx.delete({ TableName: 'notes', Key: { accountId: '7', note: 1 } });
      tx.delete({ TableName: 'notes', Key: { accountId: '7', note: 2 } });
      tx.put({ TableName: 'files', Item: { id: new Uint8Array([1]) } });
      tx.put({ TableName: 'files', Item: { id: new Uint8Array([2]) } });
      tx.put({ TableName: 'odd', Item: { id: '7' }, keyNames: ['id'] });
      tx.put({ TableName: 'odd', Item: { name: '7' } });
    });

    expect(events).toStrictEqual([]);
  });
});

describe('a guard', () => {
  it('is told the current item when its condition fails', async () => {
    const item = { id: { S: 'r' }, status: { S: 'COMPLETED' } };
    const store = answering({ kind: 'condition-failed', index: 1, item });
    const told: unknown[] = [];
    const second: GuardedWrite = {
      ...guard,
      refused(current) {
        told.push(current);
        return new Error('handled before');
      },
    };

    const error = await thrownBy(outboxOver(store).transact(() => undefined, {}, [guard, second]));

    expect(error.message).toBe('handled before');
    expect(told).toStrictEqual([item]);
  });
});

describe('indexes and counts in messages', () => {
  it('are the caller’s, and include what Waybill adds', async () => {
    const error = await thrownBy(
      outboxOver(answering({ kind: 'committed' })).transact(
        (tx) => {
          for (let index = 0; index < 99; index++)
            tx.put({ TableName: 'accounts', Item: { accountId: String(index) } });
        },
        {},
        [guard, guard],
      ),
    );

    expect(error.message).toBe(
      'the transaction has 101 actions, allowed are up to 100: 99 writes and 0 events of yours; Waybill adds 2 for the inbox and the cursor: split the work',
    );
  });

  it('include the heads of aggregates’ own sequences', async () => {
    const error = await thrownBy(
      outboxOver(answering({ kind: 'committed' })).transact((tx) => {
        for (let index = 0; index < 98; index++) tx.put({ TableName: 'accounts', Item: { accountId: String(index) } });
        tx.publish(Deposited, { accountId: '7', amount: 1 }, { sequence: 3 });
      }),
    );

    expect(error.message).toContain('Waybill adds a marker for each event, 1 for the heads of groups');
  });

  it('start with the caller’s first write if its condition failed', async () => {
    const store = answering({ kind: 'condition-failed', index: 1, item: undefined });
    const put = (tx: UnitOfWork) => tx.put({ TableName: 'accounts', Item: {}, ConditionExpression: 'a = b' });

    expect(await thrownBy(outboxOver(store).transact(put, {}, [guard]))).toMatchObject({
      subject: { index: 0 },
      item: undefined,
      message:
        "write 1 (Put in table 'accounts'): its condition 'a = b' failed, there is no such item; nothing was written",
    });
  });

  it('start with the caller’s first write, regardless of guards', async () => {
    const put = (tx: UnitOfWork) => tx.put({ TableName: 'accounts', Item: { accountId: 'x'.repeat(409_592) } });
    const refused = answering({ kind: 'write-refused', index: 2, code: 'ValidationError', message: 'wrong key' });
    const ofAGuard = answering({ kind: 'write-refused', index: 0, code: 'ValidationError', message: 'wrong key' });
    const one = (tx: UnitOfWork) => tx.delete({ TableName: 'accounts', Key: { accountId: '7' } });

    const tooLarge = await thrownBy(outboxOver(refused).transact(put, {}, [guard, guard]));
    const unfit = await thrownBy(outboxOver(refused).transact(one, {}, [guard, guard]));
    const ours = await thrownBy(outboxOver(ofAGuard).transact(one, {}, [guard, guard]));

    expect(tooLarge.message).toMatch(/^write 1 \(Put in table 'accounts'\) has an item of 409601 bytes/);
    expect(unfit.message).toMatch(
      /^write 1 \(Delete in table 'accounts' of \{"accountId":"7"\}\): DynamoDB rejected it/,
    );
    expect(ours.message).toMatch(/^a write added by Waybill \(Update in table 'inbox' of \{"id":"r"\}\)/);
  });
});

describe('a rejected request', () => {
  it.each(['ValidationException', 'ResourceNotFoundException'])(
    '%s is a mistake, with the writes that it can be',
    async (name) => {
      const error = await thrownBy(
        outboxOver(refusing(name, 'wrong')).transact((tx) => {
          tx.delete({ TableName: 'accounts', Key: { accountId: '7' } });
        }),
      );

      expect(error).toMatchObject({
        code: 'OUTBOX_REQUEST_REFUSED',
        message: `DynamoDB rejected the transaction (${name}): wrong; nothing was written: fix the write that caused it, one of write 1 (Delete in table 'accounts' of {"accountId":"7"})`,
      });
    },
  );

  it('is passed on unchanged if it is not a mistake', async () => {
    await expect(
      outboxOver(refusing('InternalServerError', 'no')).transact((tx) => tx.publish(Audited, { note: 'n' })),
    ).rejects.toThrow(expect.objectContaining({ name: 'InternalServerError', message: 'no' }));
  });

  it('for want of a right names the table, and the keys that a condition of the grant may not cover', async () => {
    const answer =
      'User: arn:aws:sts::000000000000:assumed-role/billing/billing is not authorized to perform: dynamodb:UpdateItem on resource: arn:aws:dynamodb:eu-west-1:000000000000:table/inbox because no identity-based policy allows the dynamodb:UpdateItem action';
    const error = await thrownBy(
      outboxOver(refusing('AccessDeniedException', answer)).transact(
        (tx) => tx.delete({ TableName: 'accounts', Key: { accountId: '7' } }),
        {},
        [guard],
      ),
    );

    expect(error).toMatchObject({
      code: 'AccessDeniedException',
      message: `DynamoDB denies dynamodb:UpdateItem on table 'inbox' to the function's role; nothing was written: grant it in the CDK code, or, where a grant is there, check its condition on dynamodb:LeadingKeys for a write added by Waybill (Update in table 'inbox' of {"id":"r"}) (${answer})`,
      cause: { name: 'AccessDeniedException' },
    });
  });

  it('for want of a right lists every write where the service names no table', async () => {
    const error = await thrownBy(
      outboxOver(refusing('AccessDeniedException', 'no')).transact((tx) =>
        tx.delete({ TableName: 'accounts', Key: { accountId: '7' } }),
      ),
    );

    expect(error.message).toBe(
      `DynamoDB denies the transaction to the function's role; nothing was written: grant it in the CDK code, or, where a grant is there, check its condition on dynamodb:LeadingKeys for write 1 (Delete in table 'accounts' of {"accountId":"7"}) (no)`,
    );
  });

  it.each(['odd', undefined, null])('is passed on unchanged if it is not an error: %s', async (thrown) => {
    const store = { ...answering({ kind: 'committed' }), commit: () => Promise.reject(thrown) };

    await expect(outboxOver(store).transact((tx) => tx.publish(Audited, { note: 'n' }))).rejects.toBe(thrown);
  });

  it('for a write that does not exist is an error of the store', async () => {
    const store = answering({ kind: 'condition-failed', index: 5, item: undefined });

    await expect(outboxOver(store).transact((tx) => tx.publish(Audited, { note: 'n' }))).rejects.toThrow(
      'the store names write 5 of 0',
    );
  });
});

describe('throttling and contention errors', () => {
  const publish = (outcome: CommitOutcome) =>
    thrownBy(outboxOver(answering(outcome)).transact((tx) => tx.publish(Deposited, { accountId: '7', amount: 1 })));

  it('are distinguished, and neither is the event’s fault', async () => {
    expect(await publish({ kind: 'throttled', reason: 'ThrottlingError' })).toMatchObject({
      code: 'OUTBOX_THROTTLED',
      disposition: 'defer',
      retryAfterSeconds: 18,
      message:
        "DynamoDB throttled the transaction at each of 3 attempts (last: ThrottlingError); nothing was written: try again later; if it continues, look for a hot partition or raise the table's limits",
    });
    expect(await publish({ kind: 'conflict', reason: 'TransactionConflict' })).toMatchObject({
      code: 'OUTBOX_CONTENTION',
      disposition: 'defer',
      retryAfterSeconds: 6,
      message:
        "another transaction was first at each of 3 attempts (last: TransactionConflict); nothing was written: try again later, or spread the load over more groups than 'account#7'",
    });
  });

  it('name no group if the transaction has none', async () => {
    const store = answering({ kind: 'conflict', reason: 'TransactionConflict' });

    expect(await thrownBy(outboxOver(store).transact((tx) => tx.publish(Audited, { note: 'n' })))).toMatchObject({
      groups: [],
      message: expect.stringMatching(/try again later, or check what else writes to these items$/),
    });
  });

  it('never cause a second transaction beside one in progress', async () => {
    const tokens = new Set<string>();
    let commits = 0;
    const store: OutboxStore = {
      ...answering({ kind: 'in-progress' }),
      commit: async ({ token }) => {
        tokens.add(token);
        commits += 1;
        return { kind: 'in-progress' };
      },
    };
    const error = await thrownBy(outboxOver(store).transact((tx) => tx.publish(Audited, { note: 'n' })));

    expect(error).toMatchObject({ code: 'OUTBOX_UNSETTLED', disposition: 'defer' });
    expect(tokens.size).toBe(1);
    expect(commits).toBe(3);
  });
});
