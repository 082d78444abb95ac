import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type Shard,
} from '@aws-sdk/client-dynamodb-streams';
import { describe, expect, it } from 'vitest';
import type { DynamoDbFaults, ShardChange } from '../../../local/dynamodb/faults.ts';
import { type DynamoDbRig, ORDERS, startOwnDynamoDb, streamedOrdersTable } from './dynamodb-rig.ts';
import { needsOwnEngine } from './endpoint-under-test.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** An engine whose stream's shards change after the records with these numbers, from 1. */
async function openRig(changes: Readonly<Record<number, ShardChange>>) {
  needsOwnEngine('DYNAMODB', 'its shards split by a fault of the engine');
  let records = 0;
  const faults: DynamoDbFaults = { onStreamRecord: () => changes[++records] };
  const rig = await startOwnDynamoDb(faults);
  return { rig, stream: await rig.createTable(streamedOrdersTable) };
}

const put = ({ client }: DynamoDbRig, id: string, n = '1') =>
  client.send(new PutItemCommand({ TableName: ORDERS, Item: { id: { S: id }, n: { N: n } } }));

const shardsOf = async ({ streams }: DynamoDbRig, StreamArn: string, more = {}): Promise<readonly Shard[]> => {
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn, ...more }));
  return StreamDescription?.Shards ?? [];
};

const read = async ({ streams }: DynamoDbRig, StreamArn: string, ShardId: string | undefined) => {
  const { ShardIterator } = await streams.send(
    new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
  );
  const { Records = [], NextShardIterator } = await streams.send(new GetRecordsCommand({ ShardIterator }));
  const items = Records.map(({ dynamodb }) => `${dynamodb?.Keys?.['id']?.S}${dynamodb?.NewImage?.['n']?.N}`);
  return { items, isOpen: NextShardIterator !== undefined };
};

describe('shards of a stream', () => {
  it('include one that never closes unless it is split', async () => {
    const { rig, stream } = await openRig({});

    await put(rig, 'a');

    expect(await shardsOf(rig, stream)).toEqual([
      {
        ShardId: expect.stringMatching(/^shardId-\d{20}-[0-9a-f]{8}$/),
        SequenceNumberRange: { StartingSequenceNumber: '100000000000000000001' },
      },
    ]);
  });

  it('split into two children, which begin where their parent ends', async () => {
    const { rig, stream } = await openRig({ 2: 'split' });

    await put(rig, 'a');
    await put(rig, 'b');
    const [parent, ...children] = await shardsOf(rig, stream);

    expect(parent?.SequenceNumberRange).toEqual({
      StartingSequenceNumber: '100000000000000000001',
      EndingSequenceNumber: '100000000000000000002',
    });
    expect(children).toEqual([
      {
        ShardId: expect.stringMatching(/^shardId-/),
        ParentShardId: parent?.ShardId,
        SequenceNumberRange: { StartingSequenceNumber: '100000000000000000003' },
      },
      {
        ShardId: expect.stringMatching(/^shardId-/),
        ParentShardId: parent?.ShardId,
        SequenceNumberRange: { StartingSequenceNumber: '100000000000000000003' },
      },
    ]);
  });

  it('hold every record once, and those of an item in order in one line of descent', async () => {
    const { rig, stream } = await openRig({ 3: 'split', 9: 'split' });

    for (const n of ['1', '2', '3', '4']) for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) await put(rig, id, n);
    const shards = await shardsOf(rig, stream);
    const held = await Promise.all(shards.map(async ({ ShardId }) => (await read(rig, stream, ShardId)).items));

    expect(shards).toHaveLength(5);
    expect(held.flat().toSorted()).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((id) => [`${id}1`, `${id}2`, `${id}3`, `${id}4`]),
    );
    const lineOf = (index: number): string[] => {
      const parent = shards.findIndex(({ ShardId }) => ShardId === shards[index]?.ParentShardId);
      return [...(parent < 0 ? [] : lineOf(parent)), ...(held[index] ?? [])];
    };
    const leaves = shards.flatMap(({ ShardId }, index) =>
      shards.some(({ ParentShardId }) => ParentShardId === ShardId) ? [] : [lineOf(index)],
    );
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const whole = leaves.filter((line) => line.includes(`${id}4`));
      expect(whole).toHaveLength(1);
      expect(whole[0]?.filter((item) => item.startsWith(id))).toEqual([`${id}1`, `${id}2`, `${id}3`, `${id}4`]);
    }
  });

  it('are replaced by a single child that has the same keys', async () => {
    const { rig, stream } = await openRig({ 1: 'replace' });

    await put(rig, 'a', '1');
    await put(rig, 'a', '2');
    const [parent, child] = await shardsOf(rig, stream);

    expect(await read(rig, stream, parent?.ShardId)).toEqual({ items: ['a1'], isOpen: false });
    expect(await read(rig, stream, child?.ShardId)).toEqual({ items: ['a2'], isOpen: true });
  });

  it('give no iterator at a sequence number of another shard', async () => {
    const { rig, stream } = await openRig({ 1: 'replace' });
    await put(rig, 'a', '1');
    await put(rig, 'a', '2');
    const [parent] = await shardsOf(rig, stream);

    const iterator = rig.streams.send(
      new GetShardIteratorCommand({
        StreamArn: stream,
        ShardId: parent?.ShardId,
        ShardIteratorType: 'AT_SEQUENCE_NUMBER',
        SequenceNumber: '100000000000000000002',
      }),
    );

    await expect(iterator).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('are described page by page', async () => {
    const { rig, stream } = await openRig({ 1: 'split' });
    await put(rig, 'a');

    const { StreamDescription: first } = await rig.streams.send(
      new DescribeStreamCommand({ StreamArn: stream, Limit: 2 }),
    );
    const rest = await shardsOf(rig, stream, { ExclusiveStartShardId: first?.LastEvaluatedShardId });

    expect(first?.Shards).toHaveLength(2);
    expect(first?.LastEvaluatedShardId).toBe(first?.Shards?.[1]?.ShardId);
    expect(rest).toHaveLength(1);
  });

  it('are deleted a day after they were closed', async () => {
    const { rig, stream } = await openRig({ 1: 'replace' });
    await put(rig, 'a', '1');

    rig.clock.advance(DAY_MS + 1);

    expect(await shardsOf(rig, stream)).toMatchObject([
      { SequenceNumberRange: { StartingSequenceNumber: '100000000000000000002' } },
    ]);
  });
});
