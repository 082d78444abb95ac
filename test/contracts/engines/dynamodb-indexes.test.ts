import {
  type AttributeValue,
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type KeySchemaElement,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  type UpdateTableCommandInput,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { type DynamoDbRig, nameOf, ORDERS, openDynamoDbRig, ordersTable } from './dynamodb-rig.ts';

let rig: DynamoDbRig;

beforeEach(async () => {
  rig = await openDynamoDbRig();
});

const INVALID = 'ValidationException: One or more parameter values were invalid: ';
const TEXT = (S: string): AttributeValue => ({ S });
const NUMBER = (N: string): AttributeValue => ({ N });

const outcomeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: Error) => `${error.name}: ${error.message}`,
  );

const keys = (hashes: readonly string[], ranges: readonly string[] = []): KeySchemaElement[] => [
  ...hashes.map((AttributeName) => ({ AttributeName, KeyType: 'HASH' as const })),
  ...ranges.map((AttributeName) => ({ AttributeName, KeyType: 'RANGE' as const })),
];

/** A table with one global index, whose key attributes are texts but for those that end in `n`. */
const tableWith = (KeySchema: KeySchemaElement[], Projection = { ProjectionType: 'ALL' }): CreateTableCommandInput =>
  ({
    ...ordersTable,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...new Set(['id', ...KeySchema.map(({ AttributeName = '' }) => AttributeName)])].map(
      (AttributeName) => ({ AttributeName, AttributeType: AttributeName.endsWith('n') ? 'N' : 'S' }),
    ),
    GlobalSecondaryIndexes: [{ IndexName: 'places', KeySchema, Projection }],
  }) as CreateTableCommandInput;

describe('a global index with several attributes in each part of its key', () => {
  const PLACES = keys(['country', 'city'], ['street', 'no_n']);
  const query = (
    KeyConditionExpression: string,
    values: Record<string, AttributeValue>,
    more: Partial<QueryCommandInput> = {},
  ) =>
    rig.client.send(
      new QueryCommand({
        TableName: ORDERS,
        IndexName: 'places',
        KeyConditionExpression,
        ExpressionAttributeValues: values,
        ...more,
      }),
    );
  const IN_BERLIN = { ':co': TEXT('de'), ':ci': TEXT('berlin') };
  const BERLIN = 'country = :co AND city = :ci';
  const idsOf = async (condition: string, values: Record<string, AttributeValue> = {}) =>
    ((await query(condition, { ...IN_BERLIN, ...values })).Items ?? []).map(({ id }) => id?.S);

  beforeEach(async () => {
    await rig.createTable(tableWith(PLACES));
    const places: readonly (readonly [id: string, country: string, city: string, street: string, no: string])[] = [
      ['1', 'de', 'berlin', 'a', '9'],
      ['2', 'de', 'berlin', 'a', '10'],
      ['3', 'de', 'berlin', 'ab', '1'],
      ['4', 'de', 'berlin', 'b', '-1'],
      ['5', 'de', 'bonn', 'a', '1'],
      ['6', 'at', 'berlin', 'a', '1'],
    ];
    for (const [id, country, city, street, no] of places) {
      const Item = { id: TEXT(id), country: TEXT(country), city: TEXT(city), street: TEXT(street), no_n: NUMBER(no) };
      await rig.client.send(new PutItemCommand({ TableName: ORDERS, Item }));
    }
    await rig.client.send(
      new PutItemCommand({ TableName: ORDERS, Item: { id: TEXT('7'), country: TEXT('de'), city: TEXT('berlin') } }),
    );
  });

  it('is described as it was asked for', async () => {
    const { Table } = await rig.client.send(new DescribeTableCommand({ TableName: ORDERS }));

    expect(Table?.GlobalSecondaryIndexes?.[0]?.KeySchema).toStrictEqual(PLACES);
  });

  it.each([
    [BERLIN, {}, ['1', '2', '3', '4']],
    ['city = :ci AND country = :co', {}, ['1', '2', '3', '4']],
    [`${BERLIN} AND street = :st`, { ':st': TEXT('a') }, ['1', '2']],
    [`${BERLIN} AND begins_with(street, :st)`, { ':st': TEXT('a') }, ['1', '2', '3']],
    [`${BERLIN} AND street > :st`, { ':st': TEXT('a') }, ['3', '4']],
    [`${BERLIN} AND street = :st AND no_n < :no`, { ':st': TEXT('a'), ':no': NUMBER('10') }, ['1']],
    [`${BERLIN} AND no_n >= :no AND street = :st`, { ':st': TEXT('a'), ':no': NUMBER('9.5') }, ['2']],
    [
      `${BERLIN} AND street = :st AND no_n BETWEEN :no AND :to`,
      { ':st': TEXT('a'), ':no': NUMBER('9'), ':to': NUMBER('10') },
      ['1', '2'],
    ],
  ])('is queried by %s', async (condition, values, expected) => {
    expect(await idsOf(condition, values)).toStrictEqual(expected);
  });

  it.each([
    ['country = :co', { ':co': TEXT('de') }],
    ['country = :co AND city > :ci', IN_BERLIN],
    [`${BERLIN} AND no_n = :no`, { ...IN_BERLIN, ':no': NUMBER('1') }],
    [`${BERLIN} AND street > :st AND no_n = :no`, { ...IN_BERLIN, ':st': TEXT('a'), ':no': NUMBER('1') }],
    ['country = :co AND city = :ci AND id = :id', { ...IN_BERLIN, ':id': TEXT('1') }],
    ['country = :co AND city = :ci', { ':co': TEXT('de'), ':ci': NUMBER('1') }],
  ])('is not queried by %s', async (condition, values) => {
    expect(await outcomeOf(query(condition, values))).toMatch(/^ValidationException: /);
  });

  it('is read page by page, forwards and backwards', async () => {
    const pages = async (ScanIndexForward: boolean) => {
      const ids: (string | undefined)[] = [];
      let start: Record<string, AttributeValue> | undefined;
      do {
        const page = await query(BERLIN, IN_BERLIN, {
          Limit: 1,
          ScanIndexForward,
          ...(start && { ExclusiveStartKey: start }),
        });
        ids.push(...(page.Items ?? []).map(({ id }) => id?.S));
        start = page.LastEvaluatedKey;
      } while (start !== undefined);
      return ids;
    };

    expect(await pages(true)).toStrictEqual(['1', '2', '3', '4']);
    expect(await pages(false)).toStrictEqual(['4', '3', '2', '1']);
  });

  it('needs a complete ExclusiveStartKey', async () => {
    const { LastEvaluatedKey = {} } = await query(BERLIN, IN_BERLIN, { Limit: 1 });
    const { city, ...part } = LastEvaluatedKey;

    expect(Object.keys(LastEvaluatedKey).toSorted()).toStrictEqual(['city', 'country', 'id', 'no_n', 'street']);
    expect(city).toStrictEqual(TEXT('berlin'));
    expect(await outcomeOf(query(BERLIN, IN_BERLIN, { ExclusiveStartKey: part }))).toBe(
      'ValidationException: The provided starting key is invalid',
    );
  });
});

describe('the key of an index', () => {
  const LONG = 'x'.repeat(256);
  const tooLong = (place: string) =>
    `Value '${LONG}' at '${place}' failed to satisfy constraint: Member must have length less than or equal to 255`;
  const create = (table: CreateTableCommandInput) => outcomeOf(rig.client.send(new CreateTableCommand(table)));

  it.each([
    [
      keys(['a', 'b', 'c', 'd', 'e']),
      `${INVALID}The KeySchema exceeds the maximum allowed number of HASH key attributes`,
    ],
    [
      keys(['a'], ['b', 'c', 'd', 'e', 'f']),
      `${INVALID}The KeySchema exceeds the maximum allowed number of RANGE key attributes`,
    ],
    [
      [...keys(['a'], ['b']), ...keys(['c'])],
      `${INVALID}All HASH key attributes must precede RANGE key attributes in the KeySchema`,
    ],
    [keys(['a', 'a']), 'ValidationException: The KeySchema contains multiple key attributes with the same name'],
    [
      keys(['a'], ['a']),
      'ValidationException: Both the Hash Key and the Range Key element in the KeySchema have the same name',
    ],
  ])('is refused: %j', async (KeySchema, message) => {
    expect(await create(tableWith(KeySchema))).toBe(message);
  });

  it('has names of up to 255 bytes', async () => {
    const outcome = await create(tableWith(keys([LONG])));

    expect(outcome).toContain('ValidationException: 2 validation errors detected: ');
    expect(outcome).toContain(tooLong('attributeDefinitions.2.member.attributeName'));
    expect(await create(tableWith(keys(['x'.repeat(255)])))).toBe('done');
  });

  it('is refused with the projection INCLUDE if no attributes are named', async () => {
    expect(await create(tableWith(keys(['a']), { ProjectionType: 'INCLUDE' }))).toBe(
      `${INVALID}ProjectionType is INCLUDE, but NonKeyAttributes is not specified`,
    );
  });

  it('is refused with a duplicate attribute in its projection, for local and global indexes', async () => {
    const Projection = { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: ['why', 'what', 'why'] };
    const local: CreateTableCommandInput = {
      ...ordersTable,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys(['id'], ['a']),
      AttributeDefinitions: ['id', 'a', 'b'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      LocalSecondaryIndexes: [{ IndexName: 'byB', KeySchema: keys(['id'], ['b']), Projection }],
    };
    const duplicate = `${INVALID}Duplicate attribute name in NonKeyAttributes: why`;

    expect(await create(tableWith(keys(['a']), Projection))).toBe(duplicate);
    expect(await create(local)).toBe(duplicate);
  });

  it.each([
    ['a', 2048, 'Size of hashkey has exceeded the maximum size limit of2048 bytes'],
    ['b', 1024, 'Aggregated size of all range keys has exceeded the size limit of 1024 bytes'],
  ])('accepts values of attribute %s up to %i bytes', async (name, mostBytes, problem) => {
    await rig.createTable(tableWith(keys(['a'], ['b'])));
    const KEY = { id: TEXT('1') };
    const values = (bytes: number) => ({ a: TEXT('a'), b: TEXT('b'), [name]: TEXT(`é${'x'.repeat(bytes - 2)}`) });
    const put = (bytes: number) =>
      outcomeOf(rig.client.send(new PutItemCommand({ TableName: ORDERS, Item: { ...KEY, ...values(bytes) } })));
    const set = (bytes: number) =>
      outcomeOf(
        rig.client.send(
          new UpdateItemCommand({
            TableName: ORDERS,
            Key: KEY,
            UpdateExpression: 'SET #n = :v',
            ExpressionAttributeNames: { '#n': name },
            ExpressionAttributeValues: { ':v': TEXT('x'.repeat(bytes)) },
          }),
        ),
      );
    const inTransaction = (bytes: number) =>
      outcomeOf(
        rig.client.send(
          new TransactWriteItemsCommand({
            TransactItems: [{ Put: { TableName: ORDERS, Item: { ...KEY, ...values(bytes) } } }],
          }),
        ),
      );

    for (const write of [put, set, inTransaction]) expect(await write(mostBytes)).toBe('done');
    expect(await put(mostBytes + 1)).toBe(`${INVALID}${problem}`);
    expect(await set(mostBytes + 1)).toBe(`${INVALID}${problem}`);
    expect(await inTransaction(mostBytes + 1)).toContain('[ValidationError]');
  });
});

describe('the definitions of a new table', () => {
  it.each([
    [['id', 'a', 'a'], `${INVALID}Attribute Name is duplicated: a`],
    [
      ['id', 'a', 'b'],
      `${INVALID}Some AttributeDefinitions are not used. AttributeDefinitions: [id, a, b], keys used: [id, a]`,
    ],
  ])('are refused: %j', async (names, message) => {
    const table = {
      ...tableWith(keys(['a'])),
      AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
    };

    expect(await outcomeOf(rig.client.send(new CreateTableCommand(table)))).toBe(message);
  });
});

describe('UpdateTable', () => {
  const update = (request: Omit<UpdateTableCommandInput, 'TableName'>) =>
    outcomeOf(rig.client.send(new UpdateTableCommand({ TableName: ORDERS, ...request })));
  const create = (IndexName: string, name = 'a') => ({
    Create: { IndexName, KeySchema: keys([name]), Projection: { ProjectionType: 'ALL' as const } },
  });
  const defined = (AttributeName: string, AttributeType: 'S' | 'N' = 'S') => ({
    AttributeDefinitions: [{ AttributeName, AttributeType }],
  });

  beforeEach(async () => {
    await rig.createTable(ordersTable);
  });

  const NOTHING =
    'ValidationException: At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required';

  it.each([
    [{}, NOTHING],
    [{ GlobalSecondaryIndexUpdates: [] }, NOTHING],
    [defined('id'), NOTHING],
    [
      { GlobalSecondaryIndexUpdates: [{}] },
      `${INVALID}One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null`,
    ],
    [
      { ...defined('a'), GlobalSecondaryIndexUpdates: [{ ...create('one'), Delete: { IndexName: 'two' } }] },
      `${INVALID}Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object`,
    ],
    [
      { ...defined('a'), GlobalSecondaryIndexUpdates: [create('one'), create('two')] },
      'LimitExceededException: Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
    ],
    [
      { ...defined('b'), GlobalSecondaryIndexUpdates: [create('one', 'id')] },
      `${INVALID}Some index key attributes are not defined in AttributeDefinitions. Keys: [id], AttributeDefinitions: [b]`,
    ],
    [
      { GlobalSecondaryIndexUpdates: [create('one', 'id')] },
      `${INVALID}Some index key attributes are not defined in AttributeDefinitions. Keys: [id], AttributeDefinitions: []`,
    ],
    [
      { ...defined('id', 'N'), GlobalSecondaryIndexUpdates: [create('one', 'id')] },
      `${INVALID}Attributes cannot be redefined. Please check that your attribute has the same type as previously defined. Existing schema: Schema:[SchemaElement: key{id:S:HASH}] New schema: Schema:[SchemaElement: key{id:N:HASH}]`,
    ],
    [
      { StreamSpecification: { StreamEnabled: false } },
      `ValidationException: Table has no stream to disable: TableName: ${ORDERS}`,
    ],
  ])('refuses %j', async (request, message) => {
    expect(await update(request)).toBe(message);
  });

  it('builds an index over items whose attribute is there with another type, empty or too long, without them', async () => {
    const attributes: readonly AttributeValue[] = [
      { S: 'fits' },
      { N: '1' },
      { BOOL: true },
      { L: [{ S: 'fits' }] },
      { S: '' },
      { S: 'x'.repeat(2049) },
      { NULL: true },
    ];
    for (const [index, a] of attributes.entries()) {
      await rig.client.send(new PutItemCommand({ TableName: ORDERS, Item: { id: TEXT(String(index)), a } }));
    }

    expect(await update({ ...defined('a'), GlobalSecondaryIndexUpdates: [create('one')] })).toBe('done');
    const { Items } = await rig.client.send(new ScanCommand({ TableName: ORDERS, IndexName: 'one' }));
    const { Count } = await rig.client.send(new ScanCommand({ TableName: ORDERS }));

    expect(Items).toStrictEqual([{ id: TEXT('0'), a: { S: 'fits' } }]);
    expect(Count).toBe(7);
  });

  it('may give an attribute another type once no key has it', async () => {
    expect(await update({ ...defined('a'), GlobalSecondaryIndexUpdates: [create('one')] })).toBe('done');
    expect(await update({ GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'one' } }] })).toBe('done');

    expect(await update({ ...defined('a', 'N'), GlobalSecondaryIndexUpdates: [create('two')] })).toBe('done');
  });

  it('does not delete a local index', async () => {
    const TableName = nameOf('Local');
    await rig.createTable({
      TableName,
      KeySchema: keys(['id'], ['a']),
      AttributeDefinitions: ['id', 'a', 'b'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      LocalSecondaryIndexes: [
        { IndexName: 'byB', KeySchema: keys(['id'], ['b']), Projection: { ProjectionType: 'ALL' } },
      ],
    });
    const remove = new UpdateTableCommand({
      TableName,
      GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'byB' } }],
    });

    expect(await outcomeOf(rig.client.send(remove))).toBe(
      `${INVALID}Index byB is a local secondary index, which is deleted with its table only`,
    );
  });

  it('keeps the definitions of the other keys, and the types of those that are used', async () => {
    await update({ ...defined('a'), GlobalSecondaryIndexUpdates: [create('one')] });
    const { Table } = await rig.client.send(new DescribeTableCommand({ TableName: ORDERS }));

    expect(Table?.AttributeDefinitions).toStrictEqual([
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'a', AttributeType: 'S' },
    ]);
    expect(await update({ ...defined('a', 'N'), GlobalSecondaryIndexUpdates: [create('two')] })).toBe(
      `${INVALID}Attributes cannot be redefined. Please check that your attribute has the same type as previously defined. Existing schema: Schema:[SchemaElement: key{a:S:HASH}] New schema: Schema:[SchemaElement: key{a:N:HASH}]`,
    );
  });
});

describe('Query and Scan', () => {
  const read = (request: Omit<ScanCommandInput, 'TableName'>) => {
    const { FilterExpression, ExpressionAttributeValues, ...rest } = request;
    const filter = FilterExpression === undefined ? {} : { FilterExpression };
    const condition = rest.IndexName === undefined ? 'id = :key' : 'a = :key';
    const values = { ':key': TEXT('x'), ...ExpressionAttributeValues };
    return Promise.all(
      [
        rig.client.send(
          new ScanCommand({
            TableName: ORDERS,
            ...rest,
            ...filter,
            ...(ExpressionAttributeValues === undefined ? {} : { ExpressionAttributeValues }),
          }),
        ),
        rig.client.send(
          new QueryCommand({
            TableName: ORDERS,
            ...rest,
            ...filter,
            KeyConditionExpression: condition,
            ExpressionAttributeValues: values,
          }),
        ),
      ].map(outcomeOf),
    );
  };

  beforeEach(async () => {
    await rig.createTable(tableWith(keys(['a']), { ProjectionType: 'KEYS_ONLY' }));
    await rig.client.send(
      new PutItemCommand({ TableName: ORDERS, Item: { id: TEXT('x'), a: TEXT('x'), b: NUMBER('1') } }),
    );
  });

  const INDEX = { IndexName: 'places' };

  it.each<[Omit<ScanCommandInput, 'TableName'>, string]>([
    [
      { ...INDEX, ConsistentRead: true },
      'ValidationException: Consistent reads are not supported on global secondary indexes',
    ],
    [
      { ...INDEX, ProjectionExpression: 'a, b, c.d' },
      `${INVALID}Global secondary index places does not project [b, c]`,
    ],
    [
      { ...INDEX, FilterExpression: 'b > :b', ExpressionAttributeValues: { ':b': NUMBER('0') } },
      `${INVALID}Secondary index places does not project one or more filter attributes: [b]`,
    ],
    [
      { ...INDEX, Select: 'ALL_ATTRIBUTES' },
      `${INVALID}Select type ALL_ATTRIBUTES is not supported for global secondary index places because its projection type is not ALL`,
    ],
    [
      { Select: 'ALL_PROJECTED_ATTRIBUTES' },
      'ValidationException: ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName',
    ],
    [
      { Select: 'SPECIFIC_ATTRIBUTES' },
      'ValidationException: Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    ],
    [
      { Select: 'COUNT', ProjectionExpression: 'b' },
      'ValidationException: Cannot specify the ProjectionExpression when choosing to get only the Count',
    ],
    [{ ...INDEX, Select: 'ALL_PROJECTED_ATTRIBUTES' }, 'done'],
    [{ ...INDEX, ProjectionExpression: 'a' }, 'done'],
  ])('answer %j', async (request, message) => {
    expect(await read(request)).toStrictEqual([message, message]);
  });

  it.each([
    ['eventually consistent', false, 0.5],
    ['consistent', true, 1],
  ])('cost half a unit or one unit when they find nothing: %s', async (_, ConsistentRead, units) => {
    const empty = { ReturnConsumedCapacity: 'INDEXES', ConsistentRead } as const;
    const queried = await rig.client.send(
      new QueryCommand({
        TableName: ORDERS,
        ...empty,
        KeyConditionExpression: 'id = :id',
        ExpressionAttributeValues: { ':id': TEXT('gone') },
      }),
    );
    await rig.client.send(
      new UpdateTableCommand({ TableName: ORDERS, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'places' } }] }),
    );
    const other = { ...ordersTable, TableName: `${ORDERS}-empty` };
    await rig.createTable(other);
    const scanned = await rig.client.send(new ScanCommand({ TableName: other.TableName, ...empty }));

    expect(queried.ConsumedCapacity).toStrictEqual({
      TableName: ORDERS,
      CapacityUnits: units,
      Table: { CapacityUnits: units },
    });
    expect(scanned.ConsumedCapacity?.CapacityUnits).toBe(units);
  });

  it('cost half a unit of an index in which they find nothing', async () => {
    const { ConsumedCapacity } = await rig.client.send(
      new QueryCommand({
        TableName: ORDERS,
        IndexName: 'places',
        ReturnConsumedCapacity: 'INDEXES',
        KeyConditionExpression: 'a = :a',
        ExpressionAttributeValues: { ':a': TEXT('gone') },
      }),
    );

    expect(ConsumedCapacity).toStrictEqual({
      TableName: ORDERS,
      CapacityUnits: 0.5,
      Table: { CapacityUnits: 0 },
      GlobalSecondaryIndexes: { places: { CapacityUnits: 0.5 } },
    });
  });
});
