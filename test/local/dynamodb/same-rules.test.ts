import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import type { AttributeValue, Item } from '../../../lib/testing/dynamodb/item.ts';
import { itemProblem, keyProblem } from '../../../lib/testing/dynamodb/key-rules.ts';
import { checkRequest, type Expressions } from '../../../lib/testing/dynamodb/request-rules.ts';
import { tableDefinition } from '../../../lib/testing/dynamodb/table-definition.ts';
import { NO_LIMITS, shapeOf } from '../../../local/dynamodb/request-rules.ts';
import { anyExpression } from '../../lib/testing/dynamodb/any-expression.ts';

interface Refusal {
  readonly body?: { readonly message?: string };
}

const dynalite: {
  validateItem(item: Item, schema: object): Refusal | null | undefined;
  validateKey(key: Item, schema: object): Refusal | null | undefined;
} = createRequire(import.meta.url)('dynalite/db');

const SCHEMA = tableDefinition('notes', {
  partitionKey: { name: 'id', type: 'S' },
  sortKey: { name: 'part', type: 'N' },
  indexes: [{ name: 'byTag', partitionKey: { name: 'tag', type: 'S' } }],
} as const satisfies TableSchema);

const NUMBER = fc.oneof(
  fc.constantFrom('0', '-0', '+3', '.5', '5.', '1e3', '-1E-3', '00.10', '', '.', '+', '+-1', 'NaN', ' 1', '0x1'),
  fc.constantFrom('1e125', '1e126', '9.99e125', '1e-130', '1e-131', '0e999', '1e999', '1'.repeat(38), '1'.repeat(39)),
  fc.constantFrom(`${'9'.repeat(38)}0000`, `0.${'0'.repeat(129)}1`, `0.${'0'.repeat(130)}1`, `1${'0'.repeat(126)}`),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);

const VALUE = fc.letrec<{ any: AttributeValue }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 2 },
    fc.record({ S: fc.constantFrom('', 'a', 'ü') }),
    fc.record({ N: NUMBER }),
    fc.record({ B: fc.constantFrom('', 'AQI=') }),
    fc.record({ NULL: fc.boolean() }),
    fc.record({ BOOL: fc.boolean() }),
    fc.record({ SS: fc.array(fc.constantFrom('ü', 'a', 'b'), { maxLength: 3 }) }),
    fc.record({ NS: fc.array(NUMBER, { maxLength: 3 }) }),
    fc.record({ BS: fc.array(fc.constantFrom('AQ==', 'Ag=='), { maxLength: 3 }) }),
    fc.constant({}),
    fc.record({ L: fc.array(tie('any'), { maxLength: 2 }) }),
    fc.record({ M: fc.dictionary(fc.constantFrom('x', '__proto__', ''), tie('any'), { maxKeys: 2 }) }),
  ),
})).any;

const ATTRIBUTES = fc.dictionary(fc.constantFrom('id', 'part', 'tag', 'n', 'constructor', ''), VALUE, { maxKeys: 4 });

const NAMES = fc.option(
  fc.dictionary(fc.constantFrom('#n', '#m', 'n', '#', '#ü'), fc.constantFrom('n', 'status', '', 'id'), { maxKeys: 2 }),
  { nil: undefined },
);
const VALUES = fc.option(fc.dictionary(fc.constantFrom(':v', ':l', 'v', ':'), VALUE, { maxKeys: 2 }), {
  nil: undefined,
});

const UPDATE = fc.constantFrom(
  'SET #n = :v',
  'REMOVE id.x',
  'ADD n :v',
  'SET tag = :v, part = :v',
  'SET status = :v',
  '',
);
const CONDITION = fc.constantFrom(
  '#n = :v',
  'n < :v AND #m > :l',
  'status = :v',
  'size(n) = :v',
  'n BETWEEN :v AND :l',
  '',
);

const OPERATION = fc.constantFrom('putItem', 'updateItem', 'deleteItem');

const REQUEST = fc.record({
  operation: OPERATION,
  attributes: ATTRIBUTES,
  ConditionExpression: fc.option(fc.oneof(CONDITION, anyExpression), { nil: undefined }),
  UpdateExpression: fc.oneof(UPDATE, anyExpression),
  ExpressionAttributeNames: NAMES,
  ExpressionAttributeValues: VALUES,
});

const isTyped = (item: Item): boolean => Object.values(item).every((value) => Object.keys(value).length > 0);

/** What dynalite's rules say, or what they have made of the attributes and expressions. */
function byDynalite(operation: string, member: 'Item' | 'Key', attributes: Item, expressions: Expressions) {
  const request: Record<string, unknown> = structuredClone({ ...expressions, [member]: attributes });
  const problem = shapeOf(operation).custom?.(request, NO_LIMITS);
  if (problem != null) return { problem };
  const parsed = Object.fromEntries(
    ['_condition', '_updates'].flatMap((name) => (request[name] === undefined ? [] : [[name, request[name]]])),
  );
  return { attributes: request[member], parsed };
}

describe('tables in memory', () => {
  it('check each write as the engine does: reserved words, numbers and expressions', () => {
    fc.assert(
      fc.property(REQUEST, ({ operation, attributes, UpdateExpression, ...others }) => {
        const member = operation === 'putItem' ? 'Item' : 'Key';
        const expressions: Expressions = { ...others, ...(operation === 'updateItem' ? { UpdateExpression } : {}) };

        expect(checkRequest(member, attributes, expressions)).toEqual(
          byDynalite(operation, member, attributes, expressions),
        );
      }),
      { numRuns: 5_000 },
    );
  });

  it('check keys as the engine does', () => {
    fc.assert(
      // a value without a type is refused before its keys are looked at
      fc.property(ATTRIBUTES.filter(isTyped), (item) => {
        const bare: Item = Object.assign(Object.create(null), item);

        expect(itemProblem(item, SCHEMA)).toBe(dynalite.validateItem(bare, SCHEMA)?.body?.message);
        expect(keyProblem(item, SCHEMA)).toBe(dynalite.validateKey(bare, SCHEMA)?.body?.message);
      }),
      { numRuns: 2_000 },
    );
  });
});
