import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type Condition,
  DeleteItemCommand,
  DescribeTableCommand,
  type ExpectedAttributeValue,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { type DynamoDbRig, ORDERS, openDynamoDbRig, ordersTable } from './dynamodb-rig.ts';

let rig: DynamoDbRig;

beforeEach(async () => {
  rig = await openDynamoDbRig();
  await rig.createTable(ordersTable);
});

const KEY = { TableName: ORDERS, Key: { id: { S: 'a' } } };
const put = (attributes: Record<string, AttributeValue>) =>
  rig.client.send(new PutItemCommand({ TableName: ORDERS, Item: { id: { S: 'a' }, ...attributes } }));
const outcomeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: Error) => `${error.name}: ${error.message}`,
  );

describe('a number', () => {
  it.each([
    ['+3', '3'],
    ['+.5', '0.5'],
    ['0001.230', '1.23'],
    ['1e+5', '100000'],
    ['-17.4E3', '-17400'],
  ])('is accepted as %s, and stored as %s', async (sent, kept) => {
    await put({ n: { N: sent }, within: { M: { ns: { NS: [sent] } } } });
    const found = await rig.client.send(
      new ScanCommand({
        TableName: ORDERS,
        FilterExpression: 'n = :n',
        ExpressionAttributeValues: { ':n': { N: sent } },
      }),
    );

    expect(found.Items).toStrictEqual([{ id: { S: 'a' }, n: { N: kept }, within: { M: { ns: { NS: [kept] } } } }]);
  });

  it('is accepted with a plus sign anywhere in a request', async () => {
    const three = { N: '+3' };
    const Expected: Record<string, ExpectedAttributeValue> = {
      n: { ComparisonOperator: 'BETWEEN', AttributeValueList: [{ N: '+1' }, { N: '+5' }] },
    };
    await rig.client.send(
      new BatchWriteItemCommand({
        RequestItems: { [ORDERS]: [{ PutRequest: { Item: { id: { S: 'a' }, n: three } } }] },
      }),
    );
    await rig.client.send(
      new TransactWriteItemsCommand({
        TransactItems: [{ Put: { TableName: ORDERS, Item: { id: { S: 'b' }, n: three } } }],
      }),
    );
    await rig.client.send(new UpdateItemCommand({ ...KEY, AttributeUpdates: { more: { Value: three } }, Expected }));
    await rig.client.send(
      new UpdateItemCommand({ ...KEY, UpdateExpression: 'ADD more :n', ExpressionAttributeValues: { ':n': three } }),
    );
    const { Items } = await rig.client.send(
      new ScanCommand({
        TableName: ORDERS,
        ScanFilter: { n: { ComparisonOperator: 'EQ', AttributeValueList: [three] } },
      }),
    );

    expect(Items?.toSorted((x, y) => Number(x['id']?.S === 'b') - Number(y['id']?.S === 'b'))).toStrictEqual([
      { id: { S: 'a' }, n: { N: '3' }, more: { N: '6' } },
      { id: { S: 'b' }, n: { N: '3' } },
    ]);
  });

  it.each(['+dog', 'dog'])('is refused as %s in a range that Expected names', async (bound) => {
    const Expected: Record<string, ExpectedAttributeValue> = {
      n: { ComparisonOperator: 'BETWEEN', AttributeValueList: [{ N: bound }, { N: '5' }] },
    };

    expect(await outcomeOf(rig.client.send(new DeleteItemCommand({ ...KEY, Expected })))).toBe(
      `ValidationException: The parameter cannot be converted to a numeric value: ${bound}`,
    );
  });

  it.each(['++3', '+', '+dog', ' 1', 'NaN'])('is refused as %s', async (sent) => {
    expect(await outcomeOf(put({ n: { N: sent } }))).toBe(
      `ValidationException: The parameter cannot be converted to a numeric value: ${sent}`,
    );
  });

  it.each([
    ['SET n = :a + :b', { ':a': { N: '9e125' }, ':b': { N: '9e125' } }],
    ['SET n = :a - :b', { ':a': { N: '-9e125' }, ':b': { N: '9e125' } }],
    ['ADD n :a', { ':a': { N: '9e125' } }],
  ] as const)('cannot exceed its range by %s', async (update, values) => {
    await put({ n: { N: '9e125' } });

    const outcome = await outcomeOf(
      rig.client.send(new UpdateItemCommand({ ...KEY, UpdateExpression: update, ExpressionAttributeValues: values })),
    );

    expect(outcome).toBe(
      'ValidationException: Number overflow. Attempting to store a number with magnitude larger than supported range',
    );
  });
});

describe('the name of an attribute', () => {
  const TOO_LONG = 'x'.repeat(65_536);
  const calls = (name: string): readonly Promise<unknown>[] => [
    put({ [name]: { S: 'x' } }),
    rig.client.send(new UpdateItemCommand({ ...KEY, AttributeUpdates: { [name]: { Value: { S: 'x' } } } })),
    rig.client.send(new GetItemCommand({ ...KEY, AttributesToGet: [name] })),
    rig.client.send(
      new BatchWriteItemCommand({
        RequestItems: { [ORDERS]: [{ PutRequest: { Item: { id: { S: 'a' }, [name]: { S: 'x' } } } }] },
      }),
    ),
  ];
  const namedCall = (name: string) =>
    rig.client.send(
      new GetItemCommand({ ...KEY, ProjectionExpression: '#name', ExpressionAttributeNames: { '#name': name } }),
    );

  it.each([
    ['empty', '', 'Empty attribute name'],
    ['longer than 65,535 bytes', TOO_LONG, 'Attribute name is too large, must be less than 65536 bytes'],
    ['longer in bytes', 'é'.repeat(32_768), 'Attribute name is too large, must be less than 65536 bytes'],
  ])('is refused when it is %s', async (_, name, problem) => {
    const outcomes = await Promise.all(calls(name).map(outcomeOf));

    expect(new Set(outcomes)).toStrictEqual(
      new Set([`ValidationException: One or more parameter values were invalid: ${problem}`]),
    );
    expect(await outcomeOf(namedCall(name))).toBe(
      `ValidationException: ExpressionAttributeNames contains invalid value: ${problem} for key #name`,
    );
  });

  it('may have 65,535 bytes', async () => {
    const name = 'x'.repeat(65_535);

    expect(await Promise.all([...calls(name), namedCall(name)].map(outcomeOf))).toStrictEqual(
      Array.from({ length: 5 }, () => 'done'),
    );
  });
});

describe('the older Expected', () => {
  const failed = 'ConditionalCheckFailedException: The conditional request failed';
  const notValidFor = (operator: string, type: string) =>
    `ValidationException: One or more parameter values were invalid: ComparisonOperator ${operator} is not valid for ${type} AttributeValue type`;
  const cases: readonly (readonly [Record<string, ExpectedAttributeValue>, string])[] = [
    [{ n: { Value: { N: '1.0' } } }, 'done'],
    [{ n: { Exists: true, Value: { N: '2' } } }, failed],
    [{ n: { Exists: false } }, failed],
    [{ gone: { Exists: false } }, 'done'],
    [{ n: { ComparisonOperator: 'LT', AttributeValueList: [{ N: '2' }] } }, 'done'],
    [{ n: { ComparisonOperator: 'GE', AttributeValueList: [{ N: '2' }] } }, failed],
    [{ l: { ComparisonOperator: 'EQ', AttributeValueList: [{ L: [{ S: 'x' }] }] } }, 'done'],
    [{ l: { ComparisonOperator: 'NOT_CONTAINS', AttributeValueList: [{ S: 'y' }] } }, 'done'],
    [{ gone: { ComparisonOperator: 'NOT_CONTAINS', AttributeValueList: [{ S: 'y' }] } }, failed],
    [{ gone: { ComparisonOperator: 'NE', AttributeValueList: [{ S: 'y' }] } }, 'done'],
    [{ n: { ComparisonOperator: 'LE', AttributeValueList: [{ L: [] }] } }, notValidFor('LE', 'L')],
    [{ n: { ComparisonOperator: 'BEGINS_WITH', AttributeValueList: [{ N: '1' }] } }, notValidFor('BEGINS_WITH', 'N')],
    [{ n: { ComparisonOperator: 'IN', AttributeValueList: [{ NS: ['1'] }] } }, notValidFor('IN', 'NS')],
  ];

  it.each(cases)('decides whether an item is written: %j', async (Expected, expected) => {
    await put({ n: { N: '1' }, l: { L: [{ S: 'x' }] } });

    const outcomes = await Promise.all(
      [
        rig.client.send(
          new PutItemCommand({
            TableName: ORDERS,
            Item: { id: { S: 'a' }, n: { N: '1' }, l: { L: [{ S: 'x' }] } },
            Expected,
          }),
        ),
        rig.client.send(new UpdateItemCommand({ ...KEY, AttributeUpdates: { m: { Value: { S: 'x' } } }, Expected })),
        rig.client.send(new DeleteItemCommand({ ...KEY, Expected })),
      ].map(outcomeOf),
    );

    expect(outcomes).toStrictEqual([expected, expected, expected]);
  });

  it('needs one of its conditions with OR, and all of them without', async () => {
    await put({ n: { N: '1' } });
    const Expected = { n: { Value: { N: '2' } }, gone: { Exists: false } };
    const neither = { n: { Value: { N: '2' } }, id: { Exists: false } };
    const remove = (expected: Record<string, ExpectedAttributeValue>, ConditionalOperator?: 'AND' | 'OR') =>
      outcomeOf(
        rig.client.send(
          new DeleteItemCommand({ ...KEY, Expected: expected, ...(ConditionalOperator && { ConditionalOperator }) }),
        ),
      );

    expect(await remove(Expected)).toBe(failed);
    expect(await remove(neither, 'OR')).toBe(failed);
    expect(await remove(Expected, 'OR')).toBe('done');
  });

  it('must be there for a ConditionalOperator', async () => {
    expect(await outcomeOf(rig.client.send(new DeleteItemCommand({ ...KEY, ConditionalOperator: 'OR' })))).toBe(
      'ValidationException: ConditionalOperator cannot be used without Filter or Expected',
    );
  });

  it('has the same form in QueryFilter and ScanFilter, which accept a value of every type', async () => {
    await put({ flag: { BOOL: true }, l: { L: [{ S: 'x' }] } });
    const filter: Record<string, Condition> = {
      flag: { ComparisonOperator: 'EQ', AttributeValueList: [{ BOOL: true }] },
      l: { ComparisonOperator: 'NE', AttributeValueList: [{ L: [] }] },
    };

    const scanned = await rig.client.send(new ScanCommand({ TableName: ORDERS, ScanFilter: filter }));
    const queried = await rig.client.send(
      new QueryCommand({
        TableName: ORDERS,
        KeyConditions: { id: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'a' }] } },
        QueryFilter: { ...filter, l: { ComparisonOperator: 'EQ', AttributeValueList: [{ L: [] }] } },
      }),
    );

    expect(scanned.Count).toBe(1);
    expect(queried.Count).toBe(0);
    expect(queried.ScannedCount).toBe(1);
  });
});

describe('a request', () => {
  it.each(['ALL_NEW', 'UPDATED_NEW', 'UPDATED_OLD'] as const)('does not delete with %s', async (ReturnValues) => {
    expect(await outcomeOf(rig.client.send(new DeleteItemCommand({ ...KEY, ReturnValues })))).toBe(
      'ValidationException: Return values set to invalid value',
    );
  });

  it.each([
    ['BatchWriteItem', { RequestItems: { [ORDERS]: [null] } }],
    ['BatchGetItem', { RequestItems: { [ORDERS]: { Keys: [null] } } }],
    ['PutItem', { TableName: ORDERS, Item: { id: { S: 'a' }, n: null } }],
    ['PutItem', { TableName: ORDERS, Item: { id: { S: 'a' }, l: { L: [null] } } }],
    ['UpdateItem', { ...KEY, AttributeUpdates: { n: null } }],
    ['TransactWriteItems', { TransactItems: [null] }],
    ['TransactGetItems', { TransactItems: [{ Get: null }, null] }],
    ['Query', { TableName: ORDERS, KeyConditions: { id: null } }],
    ['Scan', { TableName: ORDERS, AttributesToGet: [null] }],
    ['CreateTable', { ...ordersTable, TableName: 'Other', AttributeDefinitions: [null] }],
    ['TagResource', { ResourceArn: 'arn:aws:dynamodb:eu-central-1:111122223333:table/Orders', Tags: [null] }],
  ])('of %s with a null in a list or map is refused as invalid: %j', async (operation, input) => {
    const endpoint = await rig.client.config.endpoint?.();
    const answer = await fetch(`${endpoint?.protocol}//${endpoint?.hostname}:${endpoint?.port}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        authorization: 'AWS4-HMAC-SHA256 Credential=test/20261120/eu-central-1/dynamodb/aws4_request, Signature=x',
      },
      body: JSON.stringify(input),
    });

    expect(answer.status).toBe(400);
    expect(await answer.text()).toMatch(/ValidationException/);
  });

  it('may name its table by ARN', async () => {
    const { Table } = await rig.client.send(new DescribeTableCommand({ TableName: ORDERS }));
    const TableName = Table?.TableArn ?? '';
    const Key = { id: { S: 'a' } };

    await rig.client.send(new PutItemCommand({ TableName, Item: { ...Key, n: { N: '1' } } }));
    await rig.client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          {
            Update: { TableName, Key, UpdateExpression: 'ADD n :n', ExpressionAttributeValues: { ':n': { N: '1' } } },
          },
        ],
      }),
    );
    await rig.client.send(
      new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item: { id: { S: 'b' } } } }] } }),
    );
    const got = await rig.client.send(new GetItemCommand({ TableName, Key }));
    const both = await rig.client.send(new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName, Key } }] }));
    const batch = await rig.client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [Key] } } }));
    const { Count } = await rig.client.send(new ScanCommand({ TableName }));

    expect(got.Item).toStrictEqual({ ...Key, n: { N: '2' } });
    expect(both.Responses).toStrictEqual([{ Item: { ...Key, n: { N: '2' } } }]);
    expect(Object.values(batch.Responses ?? {})).toStrictEqual([[{ ...Key, n: { N: '2' } }]]);
    expect(Count).toBe(2);
    expect((await rig.client.send(new DescribeTableCommand({ TableName }))).Table?.TableName).toBe(ORDERS);
  });
});
