import { type AttributeValue, PutItemCommand, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { type DynamoDbRig, ORDERS, openDynamoDbRig, ordersTable } from './dynamodb-rig.ts';

let rig: DynamoDbRig;

beforeEach(async () => {
  rig = await openDynamoDbRig();
  await rig.createTable(ordersTable);
  await rig.client.send(
    new PutItemCommand({
      TableName: ORDERS,
      Item: {
        id: { S: 'a' },
        n: { N: '-5' },
        m: { M: { x: { N: '1' } } },
        l: { L: [{ S: 'q' }, { M: {} }] },
        flag: { BOOL: false },
        blank: { S: '' },
        ss: { SS: ['a', 'b'] },
        ns: { NS: ['1', '2'] },
        nothing: { NULL: true },
        bin: { B: new Uint8Array([1, 2, 3]) },
      },
    }),
  );
});

const NUMBER = (N: string): AttributeValue => ({ N });
const TEXT = (S: string): AttributeValue => ({ S });
const BYTES = (...bytes: number[]): AttributeValue => ({ B: new Uint8Array(bytes) });

const TRUE: readonly (readonly [condition: string, value?: AttributeValue])[] = [
  ['n = :v', NUMBER('-5.0')],
  ['n <> :v', TEXT('-5')],
  ['n < :v', NUMBER('-4.5')],
  ['n BETWEEN :v AND n', NUMBER('-5.5')],
  ['id IN (:v, id)', TEXT('z')],
  ['m = :v', { M: { x: { N: '1' } } }],
  ['l = :v', { L: [{ S: 'q' }, { M: {} }] }],
  ['ns = :v', { NS: ['2', '1'] }],
  ['flag IN (:v)', { BOOL: false }],
  ['blank = :v', TEXT('')],
  ['blank < :v', TEXT('a')],
  ['size(blank) = :v', NUMBER('0')],
  ['size(m) = :v', NUMBER('1')],
  ['size(bin) = :v', NUMBER('3')],
  ['bin > :v', BYTES(1, 2)],
  ['begins_with(bin, :v)', BYTES(1, 2)],
  ['begins_with(id, :v)', TEXT('a')],
  ['contains(id, :v)', TEXT('a')],
  ['contains(ss, :v)', TEXT('b')],
  ['contains(ns, :v)', NUMBER('2')],
  ['contains(l, :v)', { M: {} }],
  ['attribute_type(flag, :v)', TEXT('BOOL')],
  ['attribute_type(blank, :v)', TEXT('S')],
  ['attribute_exists(flag)'],
  ['attribute_exists(nothing)'],
  ['attribute_exists(m.x) AND attribute_not_exists(m.y)'],
  ['attribute_not_exists(gone) OR gone = id'],
  ['attribute_not_exists(toString) AND attribute_not_exists(m.hasOwnProperty)'],
  ['l[0] = :v', TEXT('q')],
  ['gone <> :v', TEXT('x')],
  ['NOT gone > :v', TEXT('x')],
];

const FALSE: typeof TRUE = [
  ['gone = lost'],
  ['gone < :v', NUMBER('1')],
  ['n = :v', TEXT('-5')],
  ['n > :v', TEXT('-9')],
  ['m <> :v', { M: { x: { N: '1' } } }],
  ['size(n) = :v', NUMBER('2')],
  ['begins_with(gone, :v)', TEXT('')],
  ['contains(id, :v)', NUMBER('1')],
  ['attribute_exists(l[7])'],
  ['attribute_exists(valueOf)'],
  ['attribute_type(toString, :v)', TEXT('S')],
  ['NOT (id = :v OR attribute_exists(gone))', TEXT('a')],
];

const cases = [
  ...TRUE.map(([condition, value]) => ({ condition, value, expected: true })),
  ...FALSE.map(([condition, value]) => ({ condition, value, expected: false })),
];

describe('a condition and a filter', () => {
  it.each(cases)('$condition is $expected', async ({ condition, value, expected }) => {
    const ExpressionAttributeValues = value === undefined ? undefined : { ':v': value };

    const outcome = await rig.client
      .send(
        new UpdateItemCommand({
          TableName: ORDERS,
          Key: { id: { S: 'a' } },
          UpdateExpression: 'REMOVE unused',
          ConditionExpression: condition,
          ExpressionAttributeValues,
        }),
      )
      .then(
        () => 'done',
        (error: Error) => error.name,
      );
    const { Count } = await rig.client.send(
      new ScanCommand({ TableName: ORDERS, FilterExpression: condition, ExpressionAttributeValues }),
    );

    expect(outcome).toBe(expected ? 'done' : 'ConditionalCheckFailedException');
    expect(Count).toBe(expected ? 1 : 0);
  });

  it('refuses a reserved word, naming it', async () => {
    await expect(
      rig.client.send(new ScanCommand({ TableName: ORDERS, FilterExpression: 'attribute_exists(status)' })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Invalid FilterExpression: Attribute name is a reserved keyword; reserved keyword: status',
    });
  });

  it('refuses a value that no expression uses', async () => {
    await expect(
      rig.client.send(
        new ScanCommand({
          TableName: ORDERS,
          FilterExpression: 'attribute_exists(id)',
          ExpressionAttributeValues: { ':v': { S: 'x' } },
        }),
      ),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}',
    });
  });
});
