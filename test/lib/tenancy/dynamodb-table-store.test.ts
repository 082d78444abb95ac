import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { createDynamoDbTableStore } from '../../../lib/tenancy/index.ts';

const storeThat = (error: unknown) =>
  createDynamoDbTableStore({ send: () => Promise.reject(error) } as unknown as DynamoDBClient);

it('reports the write with the failed condition, with the DynamoDB error as its cause', async () => {
  const cause = Object.assign(new Error('cancelled'), {
    CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }],
  });

  await expect(storeThat(cause).write([])).rejects.toMatchObject({
    code: 'OUTBOX_CONDITION_FAILED',
    message: 'the condition of write 1 failed; nothing was written',
    cause,
  });
});

it.each([
  Object.assign(new Error('cancelled'), { CancellationReasons: [{ Code: 'TransactionConflict' }] }),
  new Error('throttled'),
])('rethrows %s, which is not a failed condition', async (error) => {
  await expect(storeThat(error).write([])).rejects.toBe(error);
});

describe('getBatch', () => {
  const keyOf = (id: string, day: string) => ({ id: { S: id }, day: { N: day } });

  /** @param served how many keys each answer has items for */
  function throttledStore(served: readonly number[]) {
    const asked: number[] = [];
    const slept: number[] = [];
    const send = async ({ input }: { input: { RequestItems: { visits: { Keys: object[] } } } }) => {
      const { Keys } = input.RequestItems.visits;
      asked.push(Keys.length);
      const count = served[asked.length - 1] ?? 0;
      return {
        Responses: { visits: Keys.slice(0, count).toReversed() },
        ...(count < Keys.length && { UnprocessedKeys: { visits: { Keys: Keys.slice(count) } } }),
      };
    };
    const waiting = { sleep: async (ms: number) => void slept.push(ms), random: () => 0.5 };
    return { store: createDynamoDbTableStore({ send } as unknown as DynamoDBClient, waiting), asked, slept };
  }

  it('reads again, after a wait, what the answer leaves out', async () => {
    const { store, asked, slept } = throttledStore([2, 0, 1]);
    const keys = [keyOf('a', '1'), keyOf('b', '1'), keyOf('b', '2')];

    expect(await store.getBatch('visits', keys)).toStrictEqual(keys);

    expect(asked).toStrictEqual([3, 1, 1]);
    expect(slept).toStrictEqual([12.5, 25]);
  });

  it('finds an item whose number DynamoDB writes in another notation', async () => {
    const item = keyOf('a', '0.0000001');
    const send = async () => ({ Responses: { visits: [item] } });
    const store = createDynamoDbTableStore({ send } as unknown as DynamoDBClient);

    expect(await store.getBatch('visits', [keyOf('a', '1e-7')])).toStrictEqual([item]);
  });

  it('gives up after eight reads, and the event waits', async () => {
    const { store, asked } = throttledStore([1]);

    await expect(store.getBatch('visits', [keyOf('a', '1'), keyOf('b', '1')])).rejects.toMatchObject({
      code: 'TABLE_UNREAD',
      disposition: 'defer',
      message: expect.stringMatching(
        /^1 items of table 'visits' are missing from each of 8 answers: the table is throttled/,
      ),
    });
    expect(asked).toStrictEqual([2, 1, 1, 1, 1, 1, 1, 1]);
  });
});
