import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbFailureIndex, createDynamoDbFailureNotes } from '../../../lib/consumer/index.ts';
import { INBOX_TABLE } from '../../../lib/definitions/index.ts';
import type { Clock, EpochMs } from '../../../lib/shared/time.ts';
import { createInMemoryFailureNotes } from '../../../lib/testing/in-memory-failure-notes.ts';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { describeFailureNotes, NOTES_BEGIN } from './failure-notes.ts';

let engine: LocalDynamoDb;
let run = 0;

beforeAll(async () => {
  engine = await startLocalDynamoDb();
});

afterAll(() => engine.close());

const createClock = () => {
  let now = NOTES_BEGIN;
  const clock: Clock = { now: () => now as EpochMs };
  const advance = (ms: number) => {
    now += ms;
  };
  return { clock, advance };
};

const openDynamoDb = async () => {
  const { client } = engine;
  const { clock, advance } = createClock();
  const tableName = `inbox-${++run}`;
  await engine.createTable(tableName, INBOX_TABLE);
  const notesOf = (consumer: string) =>
    createDynamoDbFailureNotes({ client, tableName, consumer, expirySeconds: 3_600, clock });
  const billingIndex = createDynamoDbFailureIndex({ client, tableName, consumer: 'billing' });
  return {
    billing: notesOf('billing'),
    shipping: notesOf('shipping'),
    billingIndex,
    advance,
    catchUp: engine.catchUp,
    tableName,
  };
};

describeFailureNotes('in memory', async () => {
  const { clock, advance } = createClock();
  const billing = createInMemoryFailureNotes(clock);
  return {
    billing,
    shipping: createInMemoryFailureNotes(clock),
    billingIndex: billing.index,
    advance,
    catchUp: () => undefined,
  };
});

describeFailureNotes('DynamoDB', openDynamoDb);

describe('failure notes in DynamoDB', () => {
  it('expire after their time, counted from the last failure', async () => {
    const { billing, advance, tableName } = await openDynamoDb();
    const note = {
      subject: 'event-1',
      code: 'A',
      message: 'a',
      stackHead: '',
      attempts: 1,
      holdsGroup: false,
    } as const;

    await billing.record({ ...note, state: 'retrying' });
    advance(1_001);
    await billing.record({ ...note, state: 'dead' });

    const { Items } = await engine.client.send(new ScanCommand({ TableName: tableName, ConsistentRead: true }));
    // 1,795,154,401.001 seconds and an hour, rounded up
    expect(Items).toMatchObject([{ expiration: { N: '1795158002' } }]);
  });
});
