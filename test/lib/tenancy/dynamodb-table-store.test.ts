import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { createDynamoDbTableStore } from '../../../lib/tenancy/index.ts';

const storeThat = (error: unknown) =>
  createDynamoDbTableStore({ send: () => Promise.reject(error) } as unknown as DynamoDBClient);

it('tells of the write whose condition does not hold, with what the service said as its cause', async () => {
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
])('passes on %s, which is no condition', async (error) => {
  await expect(storeThat(error).write([])).rejects.toBe(error);
});
