import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  QueryCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { type DynamoDbRig, openDynamoDbRig, ordersTable, streamedOrdersTable } from './dynamodb-rig.ts';

let rig: DynamoDbRig;

beforeEach(async () => {
  rig = await openDynamoDbRig();
});

const TABLE_ARN = 'arn:aws:dynamodb:eu-central-1:111122223333:table/Orders';

describe('CreateTable', () => {
  it('is ready at once, with its indexes and its stream', async () => {
    const created = await rig.client.send(
      new CreateTableCommand({
        ...streamedOrdersTable,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'id', AttributeType: 'S' },
          { AttributeName: 'status', AttributeType: 'S' },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'by-status',
            KeySchema: [{ AttributeName: 'status', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
        SSESpecification: { Enabled: true },
        DeletionProtectionEnabled: true,
        TableClass: 'STANDARD_INFREQUENT_ACCESS',
        OnDemandThroughput: { MaxReadRequestUnits: 100, MaxWriteRequestUnits: 50 },
      }),
    );
    const described = await rig.client.send(new DescribeTableCommand({ TableName: 'Orders' }));

    expect(created.TableDescription).toMatchObject({
      TableStatus: 'ACTIVE',
      TableArn: TABLE_ARN,
      CreationDateTime: new Date('2026-11-20T06:00:00Z'),
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      GlobalSecondaryIndexes: [{ IndexName: 'by-status', IndexStatus: 'ACTIVE' }],
      LatestStreamLabel: '2026-11-20T06:00:00.000',
      LatestStreamArn: `${TABLE_ARN}/stream/2026-11-20T06:00:00.000`,
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      SSEDescription: { Status: 'ENABLED', SSEType: 'KMS' },
      DeletionProtectionEnabled: true,
      TableClassSummary: { TableClass: 'STANDARD_INFREQUENT_ACCESS' },
      OnDemandThroughput: { MaxReadRequestUnits: 100, MaxWriteRequestUnits: 50 },
      ItemCount: 0,
    });
    expect(described.Table).toEqual(created.TableDescription);
  });

  it('refuses a name that is taken', async () => {
    await rig.createTable(ordersTable);

    await expect(rig.createTable(ordersTable)).rejects.toMatchObject({
      name: 'ResourceInUseException',
      message: 'Table already exists: Orders',
    });
  });

  it('refuses a key without a definition', async () => {
    await expect(rig.createTable({ ...ordersTable, AttributeDefinitions: [] })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Invalid KeySchema: Some index key attribute have no definition',
    });
  });

  it('refuses a stream without a view type', async () => {
    const table = { ...ordersTable, StreamSpecification: { StreamEnabled: true } };

    await expect(rig.createTable(table)).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('DeleteTable', () => {
  it('takes the table away', async () => {
    await rig.createTable(ordersTable);

    await rig.client.send(new DeleteTableCommand({ TableName: 'Orders' }));

    await expect(rig.client.send(new DescribeTableCommand({ TableName: 'Orders' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found: Table: Orders not found',
    });
  });

  it('refuses a protected table until the protection is lifted', async () => {
    await rig.createTable({ ...ordersTable, DeletionProtectionEnabled: true });

    const refused = rig.client.send(new DeleteTableCommand({ TableName: 'Orders' }));

    await expect(refused).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('protected against deletion'),
    });
    await rig.client.send(new UpdateTableCommand({ TableName: 'Orders', DeletionProtectionEnabled: false }));
    await rig.client.send(new DeleteTableCommand({ TableName: 'Orders' }));
    expect((await rig.client.send(new ListTablesCommand({}))).TableNames).toEqual([]);
  });
});

describe('UpdateTable', () => {
  it('adds an index that knows the items already there, and takes it away', async () => {
    await rig.createTable(ordersTable);
    await rig.client.send(
      new PutItemCommand({ TableName: 'Orders', Item: { id: { S: '1' }, status: { S: 'placed' } } }),
    );

    const updated = await rig.client.send(
      new UpdateTableCommand({
        TableName: 'Orders',
        AttributeDefinitions: [
          { AttributeName: 'id', AttributeType: 'S' },
          { AttributeName: 'status', AttributeType: 'S' },
        ],
        GlobalSecondaryIndexUpdates: [
          {
            Create: {
              IndexName: 'by-status',
              KeySchema: [{ AttributeName: 'status', KeyType: 'HASH' }],
              Projection: { ProjectionType: 'KEYS_ONLY' },
            },
          },
        ],
      }),
    );

    const query = new QueryCommand({
      TableName: 'Orders',
      IndexName: 'by-status',
      KeyConditionExpression: '#s = :s',
      ExpressionAttributeNames: { '#s': 'status' },
      ExpressionAttributeValues: { ':s': { S: 'placed' } },
    });
    expect(updated.TableDescription?.GlobalSecondaryIndexes?.[0]?.IndexStatus).toBe('ACTIVE');
    expect((await rig.client.send(query)).Items).toEqual([{ id: { S: '1' }, status: { S: 'placed' } }]);
    await rig.client.send(
      new UpdateTableCommand({
        TableName: 'Orders',
        GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'by-status' } }],
      }),
    );
    await expect(rig.client.send(query)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('refuses an index on an undefined attribute, and changes nothing else then', async () => {
    await rig.createTable(ordersTable);

    const refused = rig.client.send(
      new UpdateTableCommand({
        TableName: 'Orders',
        DeletionProtectionEnabled: true,
        GlobalSecondaryIndexUpdates: [
          {
            Create: {
              IndexName: 'by-status',
              KeySchema: [{ AttributeName: 'status', KeyType: 'HASH' }],
              Projection: { ProjectionType: 'ALL' },
            },
          },
        ],
      }),
    );

    await expect(refused).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        'One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [status], AttributeDefinitions: [id]',
    });
    const { Table } = await rig.client.send(new DescribeTableCommand({ TableName: 'Orders' }));
    expect(Table?.DeletionProtectionEnabled).toBe(false);
  });

  it('refuses to switch a stream off that is off, and on that is on', async () => {
    await rig.createTable(ordersTable);
    const set = (StreamSpecification: { StreamEnabled: boolean; StreamViewType?: 'KEYS_ONLY' }) =>
      rig.client.send(new UpdateTableCommand({ TableName: 'Orders', StreamSpecification }));

    await expect(set({ StreamEnabled: false })).rejects.toMatchObject({ name: 'ValidationException' });
    await set({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' });
    await expect(set({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Table already has an enabled stream: Orders: Cannot update stream',
    });
  });

  it('gives a stream that is switched off and on a new ARN', async () => {
    const first = await rig.createTable(streamedOrdersTable);
    const { StreamSpecification } = streamedOrdersTable;
    await rig.client.send(
      new UpdateTableCommand({ TableName: 'Orders', StreamSpecification: { StreamEnabled: false } }),
    );

    const again = await rig.client.send(new UpdateTableCommand({ TableName: 'Orders', StreamSpecification }));

    expect(again.TableDescription?.LatestStreamArn).toBe(`${TABLE_ARN}/stream/2026-11-20T06:00:00.001`);
    expect(again.TableDescription?.LatestStreamArn).not.toBe(first);
  });
});

describe('ListTables', () => {
  it('pages by name', async () => {
    for (const TableName of ['Cursors', 'Inbox', 'Outbox']) await rig.createTable({ ...ordersTable, TableName });

    const first = await rig.client.send(new ListTablesCommand({ Limit: 2 }));
    const second = await rig.client.send(
      new ListTablesCommand({ Limit: 2, ExclusiveStartTableName: first.LastEvaluatedTableName }),
    );

    expect(first.TableNames).toEqual(['Cursors', 'Inbox']);
    expect(second.TableNames).toEqual(['Outbox']);
    expect(second.LastEvaluatedTableName).toBeUndefined();
  });
});

describe('time to live', () => {
  it('is described as it was set', async () => {
    await rig.createTable(ordersTable);
    const before = await rig.client.send(new DescribeTimeToLiveCommand({ TableName: 'Orders' }));

    await rig.client.send(
      new UpdateTimeToLiveCommand({
        TableName: 'Orders',
        TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' },
      }),
    );

    const after = await rig.client.send(new DescribeTimeToLiveCommand({ TableName: 'Orders' }));
    expect(before.TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'DISABLED' });
    expect(after.TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' });
  });

  it('refuses what it already is, and another attribute', async () => {
    await rig.createTable(ordersTable);
    const set = (Enabled: boolean, AttributeName: string) =>
      rig.client.send(
        new UpdateTimeToLiveCommand({ TableName: 'Orders', TimeToLiveSpecification: { Enabled, AttributeName } }),
      );

    await expect(set(false, 'expires')).rejects.toMatchObject({ message: 'TimeToLive is already disabled' });
    await set(true, 'expires');
    await expect(set(true, 'expires')).rejects.toMatchObject({ message: 'TimeToLive is already enabled' });
    await expect(set(true, 'ttl')).rejects.toMatchObject({
      message: 'TimeToLive is active on a different AttributeName: current AttributeName is expires',
    });
  });
});

describe('continuous backups', () => {
  it('are described as they were set', async () => {
    await rig.createTable(ordersTable);
    const before = await rig.client.send(new DescribeContinuousBackupsCommand({ TableName: 'Orders' }));

    const updated = await rig.client.send(
      new UpdateContinuousBackupsCommand({
        TableName: 'Orders',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      }),
    );

    expect(before.ContinuousBackupsDescription?.PointInTimeRecoveryDescription).toEqual({
      PointInTimeRecoveryStatus: 'DISABLED',
    });
    expect(updated.ContinuousBackupsDescription).toMatchObject({
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED', RecoveryPeriodInDays: 35 },
    });
  });

  it('refuses a table that is not there', async () => {
    await expect(rig.client.send(new DescribeContinuousBackupsCommand({ TableName: 'Nowhere' }))).rejects.toMatchObject(
      { name: 'TableNotFoundException', message: 'Table not found: Nowhere' },
    );
  });
});

describe('tags', () => {
  it('come with the table, are added and taken away', async () => {
    await rig.createTable({ ...ordersTable, Tags: [{ Key: 'env', Value: 'dev' }] });

    await rig.client.send(new TagResourceCommand({ ResourceArn: TABLE_ARN, Tags: [{ Key: 'team', Value: 'shop' }] }));
    await rig.client.send(new UntagResourceCommand({ ResourceArn: TABLE_ARN, TagKeys: ['env'] }));

    const { Tags } = await rig.client.send(new ListTagsOfResourceCommand({ ResourceArn: TABLE_ARN }));
    expect(Tags).toEqual([{ Key: 'team', Value: 'shop' }]);
  });
});
