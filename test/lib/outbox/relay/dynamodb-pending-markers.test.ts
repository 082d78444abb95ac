import { BatchWriteItemCommand, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createDynamoDbPendingMarkers } from '../../../../lib/outbox/relay/dynamodb-pending-markers.ts';
import type { EpochMs } from '../../../../lib/shared/time.ts';

const NEVER = new AbortController().signal;
const T0 = 1_700_000_000_000 as EpochMs;
const keys = [
  { group: 'order#1', sequence: 1 },
  { group: 'order#1', sequence: 2 },
  { group: 'order#2', sequence: 1 },
];

const deletionOf = (group: string, sequence: string) => ({
  DeleteRequest: { Key: { sequence: { N: sequence }, partitionkey: { S: group } } },
});

describe('createDynamoDbPendingMarkers', () => {
  const client = new DynamoDBClient({ region: 'eu-west-1' });
  const dynamo = mockClient(client);
  beforeEach(() => dynamo.reset());

  const markers = createDynamoDbPendingMarkers({ client, tableName: 'pending' });
  const errorNamed = (name: string) => Object.assign(new Error('forced'), { name });

  it('returns the keys that DynamoDB left unprocessed', async () => {
    dynamo
      .on(BatchWriteItemCommand)
      .resolves({ UnprocessedItems: { pending: [deletionOf('order#2', '1'), deletionOf('order#1', '1')] } });

    const result = await markers.deleteBatch(keys, NEVER);

    expect(result).toEqual({
      status: 'incomplete',
      remaining: [
        { group: 'order#1', sequence: 1 },
        { group: 'order#2', sequence: 1 },
      ],
      failure: { code: 'UNPROCESSED', message: '2 of 3 deletions were not processed' },
      retryable: true,
    });
  });

  it.each([
    ['another key', deletionOf('order#9', '9')],
    ['no key', {}],
    ['half a key', { DeleteRequest: { Key: { partitionkey: { S: 'order#1' } } } }],
    ['the other half', { DeleteRequest: { Key: { sequence: { N: '1' } } } }],
  ])('reports all keys as remaining if DynamoDB names %s as unprocessed', async (_what, request) => {
    dynamo.on(BatchWriteItemCommand).resolves({ UnprocessedItems: { pending: [request] } });

    const result = await markers.deleteBatch(keys, NEVER);

    expect(result).toEqual({
      status: 'incomplete',
      remaining: keys,
      failure: { code: 'UNPROCESSED', message: '1 of 3 deletions were not processed' },
      retryable: true,
    });
  });

  it.each([
    ['ProvisionedThroughputExceededException', true],
    ['ThrottlingException', true],
    ['InternalServerError', true],
    ['TimeoutError', true],
    ['AccessDeniedException', false],
    ['ItemCollectionSizeLimitExceededException', false],
    ['ResourceNotFoundException', false],
    ['ValidationException', false],
  ])('reports all keys as remaining after %s; retryable: %s', async (code, retryable) => {
    dynamo.on(BatchWriteItemCommand).rejects(errorNamed(code));

    const result = await markers.deleteBatch(keys, NEVER);

    expect(result).toEqual({
      status: 'incomplete',
      remaining: keys,
      failure: { code, message: 'forced' },
      retryable,
    });
  });

  it.each([
    ['ThrottlingException', true],
    ['AccessDeniedException', false],
  ])('reports that a note failed with %s; retryable: %s', async (code, retryable) => {
    dynamo.on(UpdateItemCommand).rejects(errorNamed(code));

    const result = await markers.quarantine({ group: 'a', sequence: 1 }, { code: 'X', message: 'y', at: T0 }, NEVER);

    expect(result).toEqual({ status: 'failed', failure: { code, message: 'forced' }, retryable });
  });

  it('aborts requests with their signal', async () => {
    const { signal } = new AbortController();
    dynamo.on(BatchWriteItemCommand).resolves({});
    dynamo.on(UpdateItemCommand).resolves({});

    await markers.deleteBatch(keys, signal);
    await markers.quarantine({ group: 'a', sequence: 1 }, { code: 'X', message: 'y', at: T0 }, signal);

    const given = dynamo.calls().map(({ args }) => (args as readonly unknown[])[1]);
    expect(given).toEqual([{ abortSignal: signal }, { abortSignal: signal }]);
  });
});
