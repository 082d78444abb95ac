import { DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OUTBOX_TABLE, PENDING_TABLE } from '../../../lib/definitions/index.ts';
import {
  createDynamoDbOutboxStore,
  createOutbox,
  type Item,
  type OutboxStore,
  type UnitOfWork,
} from '../../../lib/outbox/index.ts';
import { unmarshallItem } from '../../../lib/shared/marshalling.ts';
import { createInMemoryOutboxStore } from '../../../lib/testing/in-memory-outbox-store.ts';
import { createInMemoryTables } from '../../../lib/testing/index.ts';
import { createCountingIds, createTestClock } from '../../fixtures/event-maker.ts';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';

const NOTES = 'notes';
const NOTES_TABLE = { partitionKey: { name: 'id', type: 'S' }, sortKey: { name: 'part', type: 'N' } } as const;

let engine: LocalDynamoDb;

beforeAll(async () => {
  engine = await startLocalDynamoDb();
  await engine.createTable(NOTES, NOTES_TABLE);
  await engine.createTable('outbox', OUTBOX_TABLE);
  await engine.createTable('pending', PENDING_TABLE);
});

afterAll(() => engine.close());

const outboxOver = (store: OutboxStore, ids = createCountingIds()) =>
  createOutbox({
    store,
    clock: createTestClock(),
    ids,
    sleep: async () => undefined,
    random: () => 0,
    retentionSeconds: 60,
  });

interface Outcome {
  readonly kind: string;
  readonly message?: string | undefined;
  readonly item?: unknown;
}

/** What a caller can tell of how a transaction ended. */
async function outcomeOf(work: Promise<unknown>): Promise<Outcome> {
  try {
    await work;
    return { kind: 'committed' };
  } catch (error) {
    const { code, message, item } = error as { code?: string; message?: string; item?: unknown };
    return { kind: code ?? String(error), message, item: comparable(item) };
  }
}

/** As text, so that every type of value can be compared. */
const comparable = (value: unknown): string =>
  JSON.stringify(value, (_, inner) => {
    if (typeof inner === 'bigint') return `${inner}n`;
    if (inner instanceof Set) return { set: [...inner].map(String).toSorted() };
    if (inner instanceof Uint8Array) return { bytes: [...inner] };
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });

const itemsOf = (items: readonly Item[]): readonly string[] =>
  items.map((item) => comparable(unmarshallItem(item))).toSorted();

class Money {
  readonly minorUnits = 1;
}

const NAMES = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('n', 'constructor', 'toString', 'note', 'inner', 'ü') },
  // none is called '__proto__': the SDK cannot read such an attribute
  { weight: 1, arbitrary: fc.constantFrom('id', 'part', '') },
);

const GOOD: readonly unknown[] = [
  undefined,
  null,
  true,
  '',
  'text',
  'lone \ud800 half',
  0,
  -0,
  1.5,
  1e-7,
  10n ** 37n,
  new Set(['a', 'b']),
  new Set([1, 2]),
  new Map([['k', 1]]),
  new Uint8Array([1, 2]),
];

const BAD: readonly unknown[] = [
  2 ** 53,
  1e21,
  1e-140,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  10n ** 40n + 1n,
  new Date(0),
  new Money(),
  new Set(),
  new Set(['a', 1]),
  new Map([[1, 1]]),
  () => 1,
  Symbol('s'),
];

const VALUE = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    { weight: 12, arbitrary: fc.constantFrom(...GOOD) },
    { weight: 1, arbitrary: fc.constantFrom(...BAD) },
    { weight: 2, arbitrary: fc.array(tie('any'), { maxLength: 3 }) },
    { weight: 4, arbitrary: fc.dictionary(NAMES, tie('any'), { maxKeys: 3 }) },
  ),
})).any;

const KEY = fc.record({ id: fc.constantFrom<unknown>('a', 'b', '', 7), part: fc.constantFrom<unknown>(1, 2n, 'x') });
const GOOD_KEY = fc.record({ id: fc.constantFrom('a', 'b'), part: fc.constantFrom(1, 2, 3) });

const CONDITIONS = [
  undefined,
  undefined,
  undefined,
  undefined,
  'attribute_not_exists(id)',
  'attribute_exists(#name)',
  'attribute_not_exists(#name)',
  '#name = :value',
  'n < :value',
  'begins_with(#name, :value)',
  '#name.constructor = :value',
  'size(#name) > :value',
  'nonsense(#name)',
  'id = :missing',
] as const;

const UPDATES = [
  'SET #name = :value',
  'REMOVE #name',
  'ADD n :value',
  'SET #name.constructor = :value',
  'SET id = :value',
];

const WRITE = fc.record({
  action: fc.constantFrom('put' as const, 'update' as const, 'delete' as const, 'conditionCheck' as const),
  key: fc.oneof({ weight: 12, arbitrary: GOOD_KEY }, { weight: 1, arbitrary: KEY }),
  item: fc.dictionary(
    NAMES.filter((name) => name !== 'id' && name !== 'part'),
    VALUE,
    { maxKeys: 3 },
  ),
  name: NAMES,
  value: fc.oneof(VALUE, fc.constantFrom<unknown>('text', 1, 'a')),
  condition: fc.constantFrom(...CONDITIONS),
  expression: fc.constantFrom(...UPDATES),
});

type Write = typeof WRITE extends fc.Arbitrary<infer W> ? W : never;

function collect(tx: UnitOfWork, { action, key, item, name, value, condition, expression }: Write): void {
  const texts = [condition, action === 'update' ? expression : undefined].join(' ');
  const names = texts.includes('#name') ? { ExpressionAttributeNames: { '#name': name } } : {};
  const values = texts.includes(':value') ? { ExpressionAttributeValues: { ':value': value } } : {};
  const conditional = {
    TableName: NOTES,
    ...(condition !== undefined && { ConditionExpression: condition }),
    ...names,
    ...values,
  };
  if (action === 'put') tx.put({ ...conditional, Item: { ...item, ...key } });
  else if (action === 'update') tx.update({ ...conditional, Key: key, UpdateExpression: expression });
  else if (action === 'delete') tx.delete({ ...conditional, Key: key });
  else tx.conditionCheck({ ...conditional, ConditionExpression: condition ?? 'attribute_exists(id)', Key: key });
}

describe("the harness's tables", () => {
  it('accept, store and refuse the same writes as DynamoDB with the real outbox, with the same messages', {
    timeout: 120_000,
  }, async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(WRITE, { minLength: 1, maxLength: 3 }), { maxLength: 5 }), async (units) => {
        run += 1;
        const memory = createInMemoryOutboxStore({ tables: createInMemoryTables({ [NOTES]: NOTES_TABLE }) });
        const dynamoDb = createDynamoDbOutboxStore({
          client: engine.client,
          outboxTableName: 'outbox',
          pendingTableName: 'pending',
        });
        // tokens of each run are its own
        const prefix = `run-${run}-`;
        const real: OutboxStore = {
          readHeads: dynamoDb.readHeads,
          commit: (commit) => dynamoDb.commit({ ...commit, token: `${prefix}${commit.token}` }),
        };
        const [inMemory, overTheWire] = [outboxOver(memory), outboxOver(real)];
        for (const writes of units) {
          const work = (tx: UnitOfWork) => {
            for (const write of writes) collect(tx, write);
          };
          const expected = await outcomeOf(overTheWire.transact(work));
          expect(await outcomeOf(inMemory.transact(work))).toStrictEqual(expected);
        }
        const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: NOTES, ConsistentRead: true }));
        for (const { id, part } of Items) {
          if (id === undefined || part === undefined) continue;
          await engine.client.send(new DeleteItemCommand({ TableName: NOTES, Key: { id, part } }));
        }
        expect(itemsOf(memory.items(NOTES))).toStrictEqual(itemsOf(Items));
      }),
      { numRuns: 200 },
    );
  });
});
