import { PutItemCommand, ScanCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { ItemInfo } from '../../../local/dynamodb/faults.ts';
import { type DynamoDbRig, ORDERS, ordersTable, startOwnDynamoDb } from './dynamodb-rig.ts';
import { needsOwnEngine } from './endpoint-under-test.ts';

const TableName = ORDERS;
const HOUR_MS = 3_600_000;
/** 2026-11-20T07:00:00Z, an hour after the rig's time. */
const IN_AN_HOUR = 1_795_158_000;

async function openRig(lateMs: number | undefined, asked: ItemInfo[] = []): Promise<DynamoDbRig> {
  needsOwnEngine('DYNAMODB', 'how late it deletes is decided by a fault of the engine');
  const rig = await startOwnDynamoDb({
    onExpiry: (item) => {
      asked.push(item);
      return lateMs;
    },
  });
  await rig.createTable(ordersTable);
  const TimeToLiveSpecification = { AttributeName: 'expires', Enabled: true };
  await rig.client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  return rig;
}

const put = ({ client }: DynamoDbRig, id: string, expires: number) =>
  client.send(new PutItemCommand({ TableName, Item: { id: { S: id }, expires: { N: String(expires) } } }));

const idsOf = async ({ client }: DynamoDbRig) =>
  (await client.send(new ScanCommand({ TableName, ConsistentRead: true }))).Items?.map(({ id }) => id?.S);

describe('an item with an expired time to live', () => {
  it('is deleted at once unless a fault delays the deletion', async () => {
    const asked: ItemInfo[] = [];
    const rig = await openRig(undefined, asked);
    await put(rig, 'a', IN_AN_HOUR);

    rig.clock.advance(HOUR_MS);

    expect(await idsOf(rig)).toEqual([]);
    expect(asked).toEqual([{ tableName: ORDERS, key: { id: { S: 'a' } } }]);
  });

  it('can be read while its deletion is late, and the delay is decided once', async () => {
    const asked: ItemInfo[] = [];
    const rig = await openRig(2 * HOUR_MS, asked);
    await put(rig, 'a', IN_AN_HOUR);
    await put(rig, 'a', IN_AN_HOUR);

    rig.clock.advance(HOUR_MS);
    const expired = await idsOf(rig);
    rig.clock.advance(2 * HOUR_MS - 1);
    const last = await idsOf(rig);
    rig.clock.advance(1);

    expect([expired, last, await idsOf(rig)]).toEqual([['a'], ['a'], []]);
    expect(asked).toHaveLength(1);
  });

  it('stays if it gets a new expiry time while its deletion is late', async () => {
    const rig = await openRig(HOUR_MS);
    await put(rig, 'a', IN_AN_HOUR);
    rig.clock.advance(HOUR_MS);

    await put(rig, 'a', IN_AN_HOUR + 36_000);
    rig.clock.advance(HOUR_MS);

    expect(await idsOf(rig)).toEqual(['a']);
  });
});
