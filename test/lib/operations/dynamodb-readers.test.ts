import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbInboxRecords, createPowertoolsInbox, inboxRecordKey } from '../../../lib/consumer/index.ts';
import { INBOX_TABLE, PENDING_TABLE } from '../../../lib/definitions/index.ts';
import { createDynamoDbMarkerReader } from '../../../lib/operations/index.ts';
import { createDynamoDbPendingMarkers } from '../../../lib/outbox/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';

let engine: LocalDynamoDb;

beforeAll(async () => {
  engine = await startLocalDynamoDb();
  await engine.createTable('inbox', INBOX_TABLE);
  await engine.createTable('pending', PENDING_TABLE);
});

afterAll(() => engine.close());

describe('the marker reader', () => {
  const PLACE = { group: 'order#1', sequence: 1 };
  const marker = { partitionkey: { S: 'order#1' }, sequence: { N: '1' }, id: { S: 'event-1' } };

  it('distinguishes published, pending and quarantined events', async () => {
    const { client } = engine;
    const reader = createDynamoDbMarkerReader({
      client,
      pendingTableName: 'pending',
      sleep: async () => undefined,
      random: () => 0,
    });
    const markers = createDynamoDbPendingMarkers({ client, tableName: 'pending' });

    const published = await reader.stateOf(PLACE);
    await client.send(new PutItemCommand({ TableName: 'pending', Item: marker }));
    const pending = await reader.stateOf(PLACE);
    const reason = { code: 'MalformedDetail', message: 'Detail is malformed.' };
    await markers.quarantine(PLACE, { ...reason, at: 1_700_000_000_000 as EpochMs }, new AbortController().signal);
    const quarantined = await reader.stateOf(PLACE);

    expect(published).toStrictEqual({ kind: 'published' });
    expect(pending).toStrictEqual({ kind: 'pending' });
    expect(quarantined).toStrictEqual({
      kind: 'quarantined',
      reason: { code: 'MalformedDetail', message: 'Detail is malformed.' },
      at: 1_700_000_000_000,
    });
  });
});

describe('the inbox records', () => {
  const EVENT = { source: '/orders', id: 'event-1' };

  it('contain the time when an event was handled, derived from the expiry', async () => {
    const { client } = engine;
    const records = createDynamoDbInboxRecords({ client, tableName: 'inbox', consumer: 'billing', expirySeconds: 60 });
    const item = {
      id: { S: inboxRecordKey('billing', EVENT) },
      status: { S: 'COMPLETED' },
      expiration: { N: '1700000060' },
    };
    await client.send(new PutItemCommand({ TableName: 'inbox', Item: item }));

    expect(await records.find(EVENT)).toStrictEqual({ status: 'completed', at: 1_700_000_000_000 });
    expect(await records.find({ ...EVENT, generation: 1 })).toBeUndefined();
  });

  it('include a record that an execution has claimed', async () => {
    const { client, clock } = engine;
    const options = { client, tableName: 'inbox', consumer: 'shipping', expirySeconds: 60 };
    const records = createDynamoDbInboxRecords(options);
    const inbox = createPowertoolsInbox({ ...options, clock, claim: 'before' });
    const failure = new Error('enough seen');
    let seen: unknown;

    const run = inbox.once(
      EVENT,
      async () => {
        seen = await records.find(EVENT);
        throw failure;
      },
      lambdaContext(),
    );

    await expect(run).rejects.toBe(failure);
    expect(seen).toMatchObject({ status: 'in-progress', until: expect.any(Number) });
    expect(await records.find(EVENT)).toBeUndefined();
  });
});
