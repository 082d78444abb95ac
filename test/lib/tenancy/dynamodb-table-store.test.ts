import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
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
