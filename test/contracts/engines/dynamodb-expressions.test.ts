import { type AttributeValue, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { anyExpression } from '../../lib/testing/dynamodb/any-expression.ts';
import { type DynamoDbRig, ORDERS, openDynamoDbRig, ordersTable } from './dynamodb-rig.ts';

let rig: DynamoDbRig;

beforeEach(async () => {
  rig = await openDynamoDbRig();
  await rig.createTable(ordersTable);
  await rig.client.send(
    new PutItemCommand({ TableName: ORDERS, Item: { id: { S: 'a' }, n: { N: '1' }, more: { N: '2' } } }),
  );
});

/** The name of what UpdateItem throws, with its message; `done` when it throws nothing. */
const outcomeOf = (request: {
  readonly ConditionExpression?: string;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue>;
  readonly ExpressionAttributeNames?: Record<string, string>;
}): Promise<string> =>
  rig.client.send(new UpdateItemCommand({ TableName: ORDERS, Key: { id: { S: 'a' } }, ...request })).then(
    () => 'done',
    (error: Error) => `${error.name}: ${error.message}`,
  );

const LIST: AttributeValue = { L: [{ N: '1' }] };

const wrongType = (operator: string, type: string) =>
  `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`;

const REFUSED_CONDITIONS: readonly (readonly [
  condition: string,
  value: AttributeValue | undefined,
  message: string,
])[] = [
  ['n < :v', LIST, wrongType('<', 'L')],
  [':v < n', LIST, wrongType('<', 'L')],
  ['n <= :v', { BOOL: true }, wrongType('<=', 'BOOL')],
  ['n > :v', { M: {} }, wrongType('>', 'M')],
  ['NOT gone >= :v', { NULL: true }, wrongType('>=', 'NULL')],
  ['n = more OR n < :v', { SS: ['a'] }, wrongType('<', 'SS')],
  ['n BETWEEN :v AND more', LIST, wrongType('BETWEEN', 'L')],
  ['n BETWEEN more AND :v', { NS: ['1'] }, wrongType('BETWEEN', 'NS')],
  ['begins_with(id, :v)', { N: '1' }, wrongType('begins_with', 'N')],
  ['size(:v) > n', { N: '1' }, wrongType('size', 'N')],
  ['size(size(id)) > n', undefined, wrongType('size', 'N')],
  ['attribute_type(id, :v)', { N: '1' }, wrongType('attribute_type', 'N')],
  [
    'attribute_exists(:v)',
    { N: '1' },
    'Operator or function requires a document path; operator or function: attribute_exists',
  ],
  ['_n = n', undefined, 'Syntax error; token: "_", near: "_n"'],
  ['n IN ()', undefined, 'Syntax error; token: ")", near: "()"'],
  ['NOT n', undefined, 'Syntax error; token: "<EOF>", near: "n"'],
  ['((n = more))', undefined, 'The expression has redundant parentheses;'],
  ['(n = more', undefined, 'Syntax error; token: "<EOF>", near: "more"'],
  ['dog(n) = more', undefined, 'Invalid function name; function: dog'],
  [
    'if_not_exists(n, more) = id',
    undefined,
    'The function is not allowed in a condition expression; function: if_not_exists',
  ],
  ['size(n)', undefined, 'The function is not allowed to be used this way in an expression; function: size'],
  ['l[4294967296] = n', undefined, 'List index is not within the allowable range; index: [4294967296]'],
  [`${'a.'.repeat(32)}a = n`, undefined, 'The document path has too many nesting levels; nesting levels: 33'],
  [
    `n IN (${Array.from({ length: 101 }, (_, index) => `n${index}`).join(',')})`,
    undefined,
    'The IN operator is provided with too many operands; number of operands: 101',
  ],
  [
    `n = more${' OR n = more'.repeat(150)}`,
    undefined,
    'The expression contains too many operators; operator count: 301',
  ],
];

const REFUSED_UPDATES: typeof REFUSED_CONDITIONS = [
  ['SET _n = n', undefined, 'Syntax error; token: "_", near: "SET _n"'],
  ['SET n = _f(n)', undefined, 'Syntax error; token: "_", near: "= _f"'],
  ['SET n = size(id)', undefined, 'The function is not allowed in an update expression; function: size'],
  ['SET n = f123_hi(id)', undefined, 'Invalid function name; function: f123_hi'],
  [
    'SET l = list_append(list_append(:v, :v), :v)',
    LIST,
    'The function is not allowed to be used this way in an expression; function: list_append',
  ],
  [
    'SET l = if_not_exists(l, list_append(:v, :v))',
    LIST,
    'The function is not allowed to be used this way in an expression; function: list_append',
  ],
  ['SET n = n + :v', LIST, wrongType('+', 'L')],
  ['SET l = list_append(l, :v)', { N: '1' }, wrongType('list_append', 'N')],
  [
    'ADD n :v',
    { S: 'x' },
    'Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND',
  ],
  [
    'DELETE n :v',
    { N: '1' },
    'Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND',
  ],
  [
    'REMOVE m SET m.x = n',
    undefined,
    'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m], path two: [m, x]',
  ],
  [
    'REMOVE m[0] SET m.x = n',
    undefined,
    'Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [m, [0]], path two: [m, x]',
  ],
];

const withValue = (value: AttributeValue | undefined) =>
  value === undefined ? {} : { ExpressionAttributeValues: { ':v': value } };

describe('an expression', () => {
  it.each(REFUSED_CONDITIONS)('is refused as a condition: %s', async (condition, value, message) => {
    const outcome = await outcomeOf({ ConditionExpression: condition, ...withValue(value) });

    expect(outcome).toBe(`ValidationException: Invalid ConditionExpression: ${message}`);
  });

  it.each(REFUSED_UPDATES)('is refused as an update: %s', async (update, value, message) => {
    const outcome = await outcomeOf({ UpdateExpression: update, ...withValue(value) });

    expect(outcome).toBe(`ValidationException: Invalid UpdateExpression: ${message}`);
  });

  it.each([
    ['NOT NOT n < more'],
    ['NOT NOT NOT more < n'],
    [`n < more ${'OR (n < more '.repeat(149)}${')'.repeat(149)}`],
    ['(n) < (more)'],
    ['((n < more) AND n < more)'],
    ['(n) BETWEEN (n) AND (more)'],
    ['(NOT more < n) AND (attribute_exists(n))'],
    ['more IN (n, (more))'],
  ])('is accepted as a condition that holds: %s', async (condition) => {
    expect(await outcomeOf({ ConditionExpression: condition })).toBe('done');
  });

  it('is either refused as invalid or evaluated in 1,000 malformed requests, and fails in no other way', async () => {
    const used = (text: string, kind: RegExp) => [...new Set(text.match(kind) ?? [])];
    const requestOf = (text: string, index: number) => {
      const names = Object.fromEntries(used(text, /#\w+/g).map((name) => [name, 'n']));
      const values = Object.fromEntries(used(text, /:\w+/g).map((name) => [name, LIST]));
      return {
        [index % 2 === 0 ? 'ConditionExpression' : 'UpdateExpression']: text,
        ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names }),
        ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
      };
    };
    const outcomes: string[] = [];
    for (const [index, text] of fc.sample(anyExpression, { numRuns: 1000, seed: 20_261_130 }).entries()) {
      outcomes.push((await outcomeOf(requestOf(text, index))).split(':')[0] ?? '');
    }

    expect(
      [...new Set(outcomes)].filter((name) => name !== 'done' && name !== 'ConditionalCheckFailedException'),
    ).toStrictEqual(['ValidationException']);
  });

  it('is false, not an error, if the item has the wrong type', async () => {
    await outcomeOf({ UpdateExpression: 'SET l = :v', ExpressionAttributeValues: { ':v': LIST } });

    const outcomes = await Promise.all(
      ['l < :v', 'n BETWEEN l AND :v', 'begins_with(l, id) AND n = :v', 'size(n) > :v'].map((condition) =>
        outcomeOf({ ConditionExpression: condition, ExpressionAttributeValues: { ':v': { N: '1' } } }),
      ),
    );

    expect(new Set(outcomes)).toStrictEqual(
      new Set(['ConditionalCheckFailedException: The conditional request failed']),
    );
  });

  it.each([
    ['parentheses that open', '('.repeat(4096)],
    ['parentheses around a condition', `${'('.repeat(2046)}n<a${')'.repeat(2046)}`],
    ['functions within each other', `n < ${'f('.repeat(1355)}b${')'.repeat(1355)}`],
    ['known functions within each other', `n < ${'size('.repeat(680)}b${')'.repeat(680)}`],
    ['negations', `${'NOT '.repeat(1000)}n<a`],
    ['parentheses and functions within each other', `n < ${'f(('.repeat(1000)}b${'))'.repeat(500)}`],
  ])('of 4,096 bytes is refused: %s', async (_, condition) => {
    const outcome = await outcomeOf({ ConditionExpression: condition });

    expect(outcome).toMatch(/^ValidationException: Invalid ConditionExpression: /);
  });
});
