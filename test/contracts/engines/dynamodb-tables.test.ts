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
import {
  type DynamoDbRig,
  nameOf,
  ORDERS,
  openDynamoDbRig,
  ordersTable,
  START_DATE,
  START_LABEL,
  streamedOrdersTable,
} from './dynamodb-rig.ts';

let rig: DynamoDbRig;

beforeEach(async () => {
  rig = await openDynamoDbRig();
});

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
    const described = await rig.client.send(new DescribeTableCommand({ TableName: ORDERS }));

    expect(created.TableDescription).toMatchObject({
      TableStatus: 'ACTIVE',
      TableArn: expect.stringMatching(new RegExp(`^arn:aws:dynamodb:[^:]+:\\d{12}:table/${ORDERS}$`)),
      CreationDateTime: START_DATE,
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      GlobalSecondaryIndexes: [{ IndexName: 'by-status', IndexStatus: 'ACTIVE' }],
      LatestStreamLabel: START_LABEL,
      LatestStreamArn: `${created.TableDescription?.TableArn}/stream/${created.TableDescription?.LatestStreamLabel}`,
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
      message: `Table already exists: ${ORDERS}`,
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
  it('deletes the table', async () => {
    await rig.createTable(ordersTable);

    await rig.client.send(new DeleteTableCommand({ TableName: ORDERS }));

    await expect(rig.client.send(new DescribeTableCommand({ TableName: ORDERS }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Requested resource not found: Table: ${ORDERS} not found`,
    });
  });

  it('answers without the schema and the indexes of the table', async () => {
    await rig.createTable({
      ...ordersTable,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'a', AttributeType: 'S' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byA',
          KeySchema: [{ AttributeName: 'a', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    });

    const { TableDescription } = await rig.client.send(new DeleteTableCommand({ TableName: ORDERS }));

    expect(TableDescription).toStrictEqual({
      TableName: ORDERS,
      TableStatus: 'DELETING',
      ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0, NumberOfDecreasesToday: 0 },
      TableSizeBytes: 0,
      ItemCount: 0,
      TableArn: expect.stringContaining(`:table/${ORDERS}`),
      TableId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      DeletionProtectionEnabled: false,
    });
  });

  it('refuses a protected table until the protection is lifted', async () => {
    await rig.createTable({ ...ordersTable, DeletionProtectionEnabled: true });

    const refused = rig.client.send(new DeleteTableCommand({ TableName: ORDERS }));

    await expect(refused).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('protected against deletion'),
    });
    await rig.client.send(new UpdateTableCommand({ TableName: ORDERS, DeletionProtectionEnabled: false }));
    await rig.client.send(new DeleteTableCommand({ TableName: ORDERS }));
    expect((await rig.client.send(new ListTablesCommand({}))).TableNames).not.toContain(ORDERS);
  });
});

describe('UpdateTable', () => {
  it('adds an index with the items that already exist, and deletes it', async () => {
    await rig.createTable(ordersTable);
    await rig.client.send(new PutItemCommand({ TableName: ORDERS, Item: { id: { S: '1' }, status: { S: 'placed' } } }));

    const updated = await rig.client.send(
      new UpdateTableCommand({
        TableName: ORDERS,
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
      TableName: ORDERS,
      IndexName: 'by-status',
      KeyConditionExpression: '#s = :s',
      ExpressionAttributeNames: { '#s': 'status' },
      ExpressionAttributeValues: { ':s': { S: 'placed' } },
    });
    expect(updated.TableDescription?.GlobalSecondaryIndexes?.[0]?.IndexStatus).toBe('ACTIVE');
    expect((await rig.client.send(query)).Items).toEqual([{ id: { S: '1' }, status: { S: 'placed' } }]);
    await rig.client.send(
      new UpdateTableCommand({
        TableName: ORDERS,
        GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'by-status' } }],
      }),
    );
    await expect(rig.client.send(query)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('refuses an index on an undefined attribute, and then changes nothing', async () => {
    await rig.createTable(ordersTable);

    const refused = rig.client.send(
      new UpdateTableCommand({
        TableName: ORDERS,
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
        'One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [status], AttributeDefinitions: []',
    });
    const { Table } = await rig.client.send(new DescribeTableCommand({ TableName: ORDERS }));
    expect(Table?.DeletionProtectionEnabled).toBe(false);
  });

  it('refuses to disable a disabled stream, and to enable an enabled one', async () => {
    await rig.createTable(ordersTable);
    const set = (StreamSpecification: { StreamEnabled: boolean; StreamViewType?: 'KEYS_ONLY' }) =>
      rig.client.send(new UpdateTableCommand({ TableName: ORDERS, StreamSpecification }));

    await expect(set({ StreamEnabled: false })).rejects.toMatchObject({ name: 'ValidationException' });
    await set({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' });
    await expect(set({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' })).rejects.toMatchObject({
      name: 'ValidationException',
      message: `Table already has an enabled stream: TableName: ${ORDERS}`,
    });
  });

  it('gives a stream a new ARN when it is disabled and enabled', async () => {
    const first = await rig.createTable(streamedOrdersTable);
    const { StreamSpecification } = streamedOrdersTable;
    await rig.client.send(new UpdateTableCommand({ TableName: ORDERS, StreamSpecification: { StreamEnabled: false } }));

    const again = await rig.client.send(new UpdateTableCommand({ TableName: ORDERS, StreamSpecification }));

    expect(again.TableDescription?.LatestStreamArn).toMatch(/\/stream\/\d{4}-\d{2}-\d{2}T[\d:.]{12}$/);
    expect(again.TableDescription?.LatestStreamArn).not.toBe(first);
  });
});

describe('ListTables', () => {
  it('pages by name', async () => {
    const [cursors, inbox, outbox] = [nameOf('Cursors'), nameOf('Inbox'), nameOf('Outbox')];
    for (const TableName of [cursors, inbox, outbox]) await rig.createTable({ ...ordersTable, TableName });
    const list = (Limit: number, ExclusiveStartTableName: string | undefined) =>
      rig.client.send(new ListTablesCommand({ Limit, ExclusiveStartTableName }));

    const first = await list(2, nameOf('Aaa'));
    const second = await list(1, first.LastEvaluatedTableName);
    const end = await list(1, 'zzz');

    expect(first.TableNames).toEqual([cursors, inbox]);
    expect(second.TableNames).toEqual([outbox]);
    expect(end.TableNames).toEqual([]);
    expect(end.LastEvaluatedTableName).toBeUndefined();
  });
});

describe('time to live', () => {
  it('is described as it was set', async () => {
    await rig.createTable(ordersTable);
    const before = await rig.client.send(new DescribeTimeToLiveCommand({ TableName: ORDERS }));

    await rig.client.send(
      new UpdateTimeToLiveCommand({
        TableName: ORDERS,
        TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' },
      }),
    );

    const after = await rig.client.send(new DescribeTimeToLiveCommand({ TableName: ORDERS }));
    expect(before.TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'DISABLED' });
    expect(after.TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' });
  });

  it('refuses its current setting, and another attribute', async () => {
    await rig.createTable(ordersTable);
    const set = (Enabled: boolean, AttributeName: string) =>
      rig.client.send(
        new UpdateTimeToLiveCommand({ TableName: ORDERS, TimeToLiveSpecification: { Enabled, AttributeName } }),
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
    const before = await rig.client.send(new DescribeContinuousBackupsCommand({ TableName: ORDERS }));

    const updated = await rig.client.send(
      new UpdateContinuousBackupsCommand({
        TableName: ORDERS,
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

  it('refuse a table that does not exist', async () => {
    await expect(rig.client.send(new DescribeContinuousBackupsCommand({ TableName: 'Nowhere' }))).rejects.toMatchObject(
      { name: 'TableNotFoundException', message: 'Table not found: Nowhere' },
    );
  });
});

describe('tags', () => {
  it('are created with the table, added and removed', async () => {
    await rig.createTable({ ...ordersTable, Tags: [{ Key: 'env', Value: 'dev' }] });
    const { Table } = await rig.client.send(new DescribeTableCommand({ TableName: ORDERS }));
    const ResourceArn = Table?.TableArn;

    await rig.client.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'team', Value: 'shop' }] }));
    await rig.client.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['env'] }));

    const { Tags } = await rig.client.send(new ListTagsOfResourceCommand({ ResourceArn }));
    expect(Tags).toEqual([{ Key: 'team', Value: 'shop' }]);
  });
});
