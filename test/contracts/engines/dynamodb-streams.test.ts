import {
  DeleteItemCommand,
  DeleteTableCommand,
  PutItemCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  ListStreamsCommand,
  type ShardIteratorType,
} from '@aws-sdk/client-dynamodb-streams';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type DynamoDbRig,
  nameOf,
  ORDERS,
  onlyShard,
  openDynamoDbRig,
  ordersTable,
  readStream,
  START_DATE,
  START_LABEL,
} from './dynamodb-rig.ts';

let rig: DynamoDbRig;

beforeEach(async () => {
  rig = await openDynamoDbRig();
});

const HOUR_MS = 60 * 60 * 1000;
const TableName = ORDERS;

const open = (StreamViewType: 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES' = 'NEW_AND_OLD_IMAGES') =>
  rig.createTable({ ...ordersTable, StreamSpecification: { StreamEnabled: true, StreamViewType } });

const put = (id: string, n = '1') =>
  rig.client.send(new PutItemCommand({ TableName, Item: { id: { S: id }, n: { N: n } } }));

const remove = (id: string) => rig.client.send(new DeleteItemCommand({ TableName, Key: { id: { S: id } } }));

const iteratorAt = async (
  StreamArn: string,
  ShardIteratorType: ShardIteratorType,
  more: Partial<GetShardIteratorCommandInput> = {},
) => {
  const ShardId = await onlyShard(rig, StreamArn);
  const output = await rig.streams.send(
    new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType, ...more }),
  );
  return output.ShardIterator;
};

const idsFrom = async (ShardIterator: string | undefined, Limit?: number) => {
  const output = await rig.streams.send(new GetRecordsCommand({ ShardIterator, Limit }));
  return { ids: output.Records?.map((record) => record.dynamodb?.Keys?.['id']?.S), next: output.NextShardIterator };
};

describe('stream records', () => {
  it('report inserts, changes and removals with their images', async () => {
    const arn = await open();
    await put('a', '1');
    await rig.client.send(
      new UpdateItemCommand({
        TableName,
        Key: { id: { S: 'a' } },
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
    );
    await remove('a');

    const records = await readStream(rig, arn);

    const common = {
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'eu-central-1',
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
    };
    const about = {
      ApproximateCreationDateTime: START_DATE,
      Keys: { id: { S: 'a' } },
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    };
    expect(records).toEqual([
      {
        ...common,
        eventName: 'INSERT',
        dynamodb: {
          ...about,
          NewImage: { id: { S: 'a' }, n: { N: '1' } },
          SequenceNumber: '100000000000000000001',
          SizeBytes: 9,
        },
      },
      {
        ...common,
        eventName: 'MODIFY',
        dynamodb: {
          ...about,
          NewImage: { id: { S: 'a' }, n: { N: '2' } },
          OldImage: { id: { S: 'a' }, n: { N: '1' } },
          SequenceNumber: '100000000000000000002',
          SizeBytes: 15,
        },
      },
      {
        ...common,
        eventName: 'REMOVE',
        dynamodb: {
          ...about,
          OldImage: { id: { S: 'a' }, n: { N: '2' } },
          SequenceNumber: '100000000000000000003',
          SizeBytes: 9,
        },
      },
    ]);
    expect(new Set(records.map((record) => record.eventID)).size).toBe(3);
  });

  it.each([
    ['KEYS_ONLY', undefined, undefined],
    ['NEW_IMAGE', '2', undefined],
    ['OLD_IMAGE', undefined, '1'],
    ['NEW_AND_OLD_IMAGES', '2', '1'],
  ] as const)('hold the images of the view type %s', async (view, newNumber, oldNumber) => {
    const arn = await open(view);
    await put('a', '1');
    await put('a', '2');

    const [, changed] = await readStream(rig, arn);

    expect(changed?.dynamodb?.Keys).toEqual({ id: { S: 'a' } });
    expect(changed?.dynamodb?.NewImage?.['n']?.N).toBe(newNumber);
    expect(changed?.dynamodb?.OldImage?.['n']?.N).toBe(oldNumber);
  });

  it('are not created for a write that changes nothing', async () => {
    const arn = await open();
    const write = (members: string[]) =>
      rig.client.send(
        new PutItemCommand({
          TableName,
          Item: { id: { S: 'a' }, set: { SS: members }, map: { M: { list: { L: [{ N: '1' }] } } } },
        }),
      );
    await write(['x', 'y']);

    await write(['y', 'x']);
    await remove('none');

    expect(await readStream(rig, arn)).toHaveLength(1);
  });
});

describe('reading a shard', () => {
  it('starts where the iterator says', async () => {
    const arn = await open();
    for (const id of ['a', 'b', 'c']) await put(id);
    const [, second] = await readStream(rig, arn);
    const SequenceNumber = second?.dynamodb?.SequenceNumber;
    const latest = await iteratorAt(arn, 'LATEST');
    await put('d');

    expect((await idsFrom(await iteratorAt(arn, 'TRIM_HORIZON'))).ids).toEqual(['a', 'b', 'c', 'd']);
    expect((await idsFrom(await iteratorAt(arn, 'AT_SEQUENCE_NUMBER', { SequenceNumber }))).ids).toEqual([
      'b',
      'c',
      'd',
    ]);
    expect((await idsFrom(await iteratorAt(arn, 'AFTER_SEQUENCE_NUMBER', { SequenceNumber }))).ids).toEqual(['c', 'd']);
    expect((await idsFrom(latest)).ids).toEqual(['d']);
  });

  it('continues from page to page, and waits at the end', async () => {
    const arn = await open();
    for (const id of ['a', 'b', 'c']) await put(id);

    const first = await idsFrom(await iteratorAt(arn, 'TRIM_HORIZON'), 2);
    const second = await idsFrom(first.next, 2);
    const third = await idsFrom(second.next);
    await put('d');
    const fourth = await idsFrom(third.next);

    expect([first.ids, second.ids, third.ids, fourth.ids]).toEqual([['a', 'b'], ['c'], [], ['d']]);
  });

  it('ends a page at 1 MB', async () => {
    const arn = await open('NEW_IMAGE');
    const body = { S: 'x'.repeat(390 * 1024) };
    for (const id of ['a', 'b', 'c']) {
      await rig.client.send(new PutItemCommand({ TableName, Item: { id: { S: id }, body } }));
    }

    const first = await idsFrom(await iteratorAt(arn, 'TRIM_HORIZON'));
    const second = await idsFrom(first.next);

    expect([first.ids, second.ids]).toEqual([['a', 'b'], ['c']]);
  });

  it('refuses an iterator after 15 minutes, and an invalid one', async () => {
    const arn = await open();
    const iterator = await iteratorAt(arn, 'LATEST');

    rig.clock.advance(15 * 60 * 1000 + 1);

    await expect(idsFrom(iterator)).rejects.toMatchObject({ name: 'ExpiredIteratorException' });
    await expect(idsFrom('nonsense')).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('deletes records after 24 hours', async () => {
    const arn = await open();
    await put('a');
    const [first] = await readStream(rig, arn);
    rig.clock.advance(24 * HOUR_MS - 60_000);
    const iterator = await iteratorAt(arn, 'TRIM_HORIZON');
    await put('b');

    rig.clock.advance(120_000);

    expect((await idsFrom(await iteratorAt(arn, 'TRIM_HORIZON'))).ids).toEqual(['b']);
    await expect(idsFrom(iterator)).rejects.toMatchObject({ name: 'TrimmedDataAccessException' });
    await expect(
      iteratorAt(arn, 'AT_SEQUENCE_NUMBER', { SequenceNumber: first?.dynamodb?.SequenceNumber }),
    ).rejects.toMatchObject({ name: 'TrimmedDataAccessException' });
  });

  it('refuses an unknown stream, shard or sequence number, and more than 1000 records', async () => {
    const arn = await open();
    const other = arn.replace(/T\d\d:/, 'T24:');
    const ShardId = 'shardId-00000000000000000000-00000000';

    await expect(iteratorAt(other, 'LATEST')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Requested resource not found: Stream: ${other} not found`,
    });
    await expect(iteratorAt(arn, 'LATEST', { ShardId })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(
      iteratorAt(arn, 'AT_SEQUENCE_NUMBER', { SequenceNumber: '900000000000000000009' }),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(idsFrom(await iteratorAt(arn, 'LATEST'), 1001)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('Member must have value less than or equal to 1000'),
    });
  });
});

describe('streams', () => {
  it('are listed by table', async () => {
    // streams outlive their tables, so these names are of this test alone
    const [bills, receipts] = [nameOf('Bills'), nameOf('Receipts')];
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } as const;
    const arn = await rig.createTable({ ...ordersTable, TableName: bills, StreamSpecification });
    await rig.createTable({ ...ordersTable, TableName: receipts, StreamSpecification });

    const all = await rig.streams.send(new ListStreamsCommand({}));
    const one = await rig.streams.send(new ListStreamsCommand({ TableName: bills }));

    const names = all.Streams?.map((stream) => stream.TableName);
    expect(names?.filter((name) => name === bills || name === receipts)).toEqual([bills, receipts]);
    expect(one.Streams).toEqual([{ StreamArn: arn, TableName: bills, StreamLabel: START_LABEL }]);
  });

  it('are described with one shard', async () => {
    const arn = await open();

    const { StreamDescription } = await rig.streams.send(new DescribeStreamCommand({ StreamArn: arn }));

    expect(StreamDescription).toMatchObject({
      StreamArn: arn,
      StreamLabel: START_LABEL,
      StreamStatus: 'ENABLED',
      StreamViewType: 'NEW_AND_OLD_IMAGES',
      TableName,
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      Shards: [
        {
          ShardId: expect.stringMatching(/^shardId-\d{20}-[0-9a-f]{8}$/),
          SequenceNumberRange: { StartingSequenceNumber: '100000000000000000001' },
        },
      ],
    });
  });

  it('exist for a day after their table is deleted, and are closed', async () => {
    const arn = await open();
    await put('a');
    await rig.client.send(new DeleteTableCommand({ TableName }));

    const read = await idsFrom(await iteratorAt(arn, 'TRIM_HORIZON'));
    const { StreamDescription } = await rig.streams.send(new DescribeStreamCommand({ StreamArn: arn }));

    expect(read).toEqual({ ids: ['a'], next: undefined });
    expect(StreamDescription?.StreamStatus).toBe('DISABLED');
    expect(StreamDescription?.Shards?.[0]?.SequenceNumberRange?.EndingSequenceNumber).toBe('100000000000000000001');
    rig.clock.advance(24 * HOUR_MS + 1);
    expect((await rig.streams.send(new ListStreamsCommand({}))).Streams).toEqual([]);
  });

  it('call each listener once per write until it is removed', async () => {
    const arn = await open();
    let calls = 0;
    const stop = rig.engine.onStreamRecords(arn, () => calls++);
    await put('a');
    await put('a');

    stop();
    await put('b');

    expect(calls).toBe(1);
  });
});

describe('expiry', () => {
  const T0_SECONDS = 1_795_154_400;
  const expiring = (id: string, seconds: number) =>
    rig.client.send(
      new PutItemCommand({ TableName, Item: { id: { S: id }, expires: { N: String(T0_SECONDS + seconds) } } }),
    );
  const enable = () =>
    rig.client.send(
      new UpdateTimeToLiveCommand({
        TableName,
        TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' },
      }),
    );

  it('removes an item at its expiry time, with the identity of the service', async () => {
    const arn = await open();
    await enable();
    await expiring('a', 60);
    rig.clock.advance(59_000);
    const before = await readStream(rig, arn);

    rig.clock.advance(60_000);

    const [, removed] = await readStream(rig, arn);
    expect(before).toHaveLength(1);
    expect(removed).toMatchObject({
      eventName: 'REMOVE',
      userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' },
      dynamodb: { OldImage: { id: { S: 'a' }, expires: { N: '1795154460' } } },
    });
  });

  it('uses the last time that the item was given', async () => {
    const arn = await open();
    await enable();
    await expiring('later', 60);
    await expiring('later', 120);
    await expiring('kept', 60);
    await put('kept');

    rig.clock.advance(90_000);
    const early = await readStream(rig, arn);
    rig.clock.advance(90_000);
    const late = await readStream(rig, arn);

    expect(early.filter((record) => record.eventName === 'REMOVE')).toEqual([]);
    expect(late.at(-1)?.dynamodb?.Keys).toEqual({ id: { S: 'later' } });
    expect(late).toHaveLength(5);
  });

  it('deletes items that existed before it was enabled, but none that expired over five years ago', async () => {
    const arn = await open();
    await expiring('old', -60);
    await expiring('ancient', -6 * 365 * 24 * 3600);

    await enable();
    rig.clock.advance(1000);

    const records = await readStream(rig, arn);
    expect(records.slice(2).map((record) => record.dynamodb?.Keys)).toEqual([{ id: { S: 'old' } }]);
  });

  it('deletes no items after it is disabled', async () => {
    const arn = await open();
    await enable();
    await expiring('a', 60);
    await rig.client.send(
      new UpdateTimeToLiveCommand({
        TableName,
        TimeToLiveSpecification: { Enabled: false, AttributeName: 'expires' },
      }),
    );

    rig.clock.advance(120_000);

    expect(await readStream(rig, arn)).toHaveLength(1);
  });
});
