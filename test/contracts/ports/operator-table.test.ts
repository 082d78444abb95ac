import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATOR_TABLE, PENDING_TABLE } from '../../../lib/definitions/index.ts';
import { createDynamoDbOperatorTrail, createDynamoDbQuarantine } from '../../../lib/operations/index.ts';
import { addMs, type EpochMs } from '../../../lib/shared/time.ts';
import { createInMemoryOperatorTrail } from '../../../lib/testing/in-memory-operator-trail.ts';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { gathered } from '../../lib/operations/rig.ts';

const T0 = 1_795_154_400_000 as EpochMs;

let engine: LocalDynamoDb;
let ids = 0;

beforeAll(async () => {
  engine = await startLocalDynamoDb();
  await engine.createTable('operator', OPERATOR_TABLE);
  await engine.createTable('pending', PENDING_TABLE);
});
afterAll(() => engine.close());

const entry = (what: string, at: EpochMs) => ({
  at,
  by: 'ann',
  reason: 'fixed',
  what,
  to: { group: 'order#7', sequence: 3 },
});

describe.each(['in memory', 'DynamoDB'])('OperatorTrail contract: %s', (adapter) => {
  it('keeps entries, also of one moment, and lists them from an instant on, the latest first', async () => {
    const trail =
      adapter === 'DynamoDB'
        ? createDynamoDbOperatorTrail({ client: engine.client, tableName: 'operator', newId: () => String(++ids) })
        : createInMemoryOperatorTrail();
    await trail.add(entry('a', T0));
    await trail.add(entry('b', addMs(T0, 1)));
    await trail.add(entry('c', addMs(T0, 1)));

    expect((await gathered(trail.since(addMs(T0, 1)))).flat()).toStrictEqual([
      entry('c', addMs(T0, 1)),
      entry('b', addMs(T0, 1)),
    ]);
    expect((await gathered(trail.since(T0))).flat()).toHaveLength(3);
  });
});

describe('the quarantine in DynamoDB', () => {
  it('releases a marker once, and makes none where there is none', async () => {
    const { client } = engine;
    const quarantine = createDynamoDbQuarantine({ client, pendingTableName: 'pending' });
    const key = { partitionkey: { S: 'order#7' }, sequence: { N: '3' } };
    const note = { M: { code: { S: 'E' }, message: { S: 'm' }, at: { N: '1' } } };
    await client.send(
      new PutItemCommand({ TableName: 'pending', Item: { ...key, committedAt: { N: '5' }, quarantined: note } }),
    );
    const place = { group: 'order#7', sequence: 3 };

    expect(await quarantine.release(place)).toBe('released');
    expect(await quarantine.release(place)).toBe('not-quarantined');
    expect(await quarantine.release({ ...place, sequence: 4 })).toBe('not-quarantined');

    const { Items } = await client.send(new ScanCommand({ TableName: 'pending', ConsistentRead: true }));
    expect(Items).toStrictEqual([{ ...key, committedAt: { N: '5' } }]);
  });
});
