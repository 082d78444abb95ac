import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CURSORS_TABLE, INBOX_TABLE, OUTBOX_TABLE, PENDING_TABLE } from '../../../lib/definitions/index.ts';
import { fromWire, toWire } from '../../../lib/testing/dynamodb/wire.ts';
import { keyOf } from '../../../lib/testing/dynamodb/write.ts';
import { TABLES } from '../consumer-in.ts';
import type { Execution, Variants } from '../execution.ts';
import { LEDGER_TABLE } from '../handlers.ts';
import type { Simulation } from '../simulation.ts';
import { describeRequest } from './describe-request.ts';
import {
  answerRequest,
  copyOf,
  createTables,
  type DynamoDbRequest,
  type Item,
  isRead,
  mayBeStale,
  type StoredTable,
  type Tables,
  tablesOf,
  type WireItem,
  writesOf,
} from './dynamodb-requests.ts';
import { IN_PROGRESS, TRANSACTION_CONFLICT, throttlingOf, unprocessedOf } from './dynamodb-troubles.ts';
import { modelDynamoDb } from './model-clients.ts';

/** DynamoDB as weak as its documentation allows, on demand. */
export interface DynamoDb {
  /** The service as an execution reaches it: each request is one I/O step. */
  clientIn(execution: Execution): DynamoDBClient;
  get(tableName: string, key: Item): Item | undefined;
  items(tableName: string): readonly Item[];
  /** A change that is nobody's request. */
  write(request: DynamoDbRequest): void;
}

export interface DynamoDbOptions {
  readonly sim: Simulation;
  /** What is sent in place of a request. */
  readonly change: (request: DynamoDbRequest) => DynamoDbRequest;
  readonly onApplied: (request: DynamoDbRequest) => void;
  /** A process was shown an old state of an item, and was refused a write to it that the present one allowed no more. */
  readonly onMisled: (execution: Execution, table: string) => void;
  readonly onRefused: (request: DynamoDbRequest, error: unknown) => void;
}

interface Change {
  readonly at: number;
  readonly transaction: number;
  readonly table: string;
  readonly key: string;
  readonly before: WireItem | undefined;
}

/** No read shows anything older. */
const LONGEST_LAG_MS = 5_000;
/** A transaction's items become visible one after another, in a moment. */
const MOMENT_MS = 30;
const LONGEST_THROTTLING_MS = 20_000;

export function createDynamoDb(options: DynamoDbOptions): DynamoDb {
  const { sim, onApplied, onMisled, onRefused } = options;
  const tables = createTables({
    [TABLES.outbox]: OUTBOX_TABLE,
    [TABLES.pending]: PENDING_TABLE,
    [TABLES.cursors]: CURSORS_TABLE,
    [TABLES.inbox]: INBOX_TABLE,
    [LEDGER_TABLE]: { partitionKey: { name: 'id', type: 'S' } },
  });
  const changes: Change[] = [];
  const appliedTokens = new Set<string>();
  const throttledUntil = new Map<string, number>();
  let transactions = 0;

  const tableNamed = (name: string): StoredTable => tables.get(name) ?? raise(name);

  /** The tables without these changes. */
  const without = (undone: readonly Change[]): Tables => {
    const view = copyOf(tables, new Set(undone.map(({ table }) => table)));
    for (const { table, key, before } of undone.toReversed()) {
      const items = view.get(table)?.items;
      if (before === undefined) items?.delete(key);
      else items?.set(key, before);
    }
    return view;
  };

  const apply = (request: DynamoDbRequest): object => {
    if (isRead(request)) return answerRequest(tables, request);
    const token = tokenOf(request);
    if (token !== undefined && appliedTokens.has(token)) return {};
    const places = placesOf(request, tables).map((place) => ({
      ...place,
      before: tables.get(place.table)?.items.get(place.key),
    }));
    const answer = answerRequest(tables, request, (failed) => Math.floor(sim.random() * failed));
    if (token !== undefined) appliedTokens.add(token);
    transactions += 1;
    for (const place of places) changes.push({ ...place, at: sim.now(), transaction: transactions });
    onApplied(request);
    return answer;
  };

  const latestTransaction = (request: DynamoDbRequest): readonly Change[] => {
    const last = changes.at(-1);
    if (last === undefined || sim.now() - last.at > MOMENT_MS || !SEES_SEVERAL.has(request.operation)) return [];
    return changes.filter(({ transaction }) => transaction === last.transaction);
  };

  const recentChanges = (ageMs: number): readonly Change[] => {
    const since = sim.now() - Math.min(ageMs, LONGEST_LAG_MS);
    return changes.filter(({ at }) => at > since);
  };

  const assertNotThrottled = (request: DynamoDbRequest) => {
    for (const table of namesOf(request)) {
      if ((throttledUntil.get(table) ?? 0) > sim.now()) throw throttlingOf(request);
    }
  };

  const clientIn = (execution: Execution): DynamoDBClient => {
    /** Items of which this execution was shown an old state. */
    const misled = new Set<string>();

    const attempt = (request: DynamoDbRequest): object => {
      assertNotThrottled(request);
      try {
        return apply(request);
      } catch (error) {
        onRefused(request, error);
        const [table] = placesOf(request, tables)
          .filter(({ table: name, key }) => misled.has(`${name} ${key}`))
          .map(({ table: name }) => name);
        if (table !== undefined && isRefusal(error)) onMisled(execution, table);
        throw error;
      }
    };

    const staleAnswer = (request: DynamoDbRequest, ageMs: number): object => {
      const asked = new Set(namesOf(request));
      const undone = recentChanges(ageMs).filter(({ table }) => asked.has(table));
      const old = answerRequest(without(undone), request);
      const now = answerRequest(tables, request);
      if (JSON.stringify(old) !== JSON.stringify(now)) {
        for (const { table, key } of undone) misled.add(`${table} ${key}`);
      }
      return old;
    };

    return modelDynamoDb(async (operation, input) => {
      const request = options.change({ operation, input });
      return execution.call(
        () => describeRequest(request),
        () => attempt(request),
        variantsOf(request),
      );
    });

    function variantsOf(request: DynamoDbRequest): Variants<object> {
      const { operation, input } = request;
      const isTransaction = operation === 'TransactWriteItems';
      const token = tokenOf(request);
      const isApplied = () => token !== undefined && appliedTokens.has(token);
      const throttled = (until: number): object => {
        for (const table of namesOf(request)) throttledUntil.set(table, until);
        throw throttlingOf(request);
      };
      return {
        throttled: ({ ms }) => throttled(sim.now() + Math.min(ms, LONGEST_THROTTLING_MS)),
        ...(isTransaction && {
          // what was applied under its token is answered for, whatever else goes on
          conflict: () => {
            if (isApplied()) return {};
            throw TRANSACTION_CONFLICT(input.TransactItems?.length ?? 0);
          },
          'in progress': () => {
            attempt(request);
            if (token === undefined) return {};
            throw IN_PROGRESS();
          },
        }),
        ...(operation === 'Query' &&
          input.TableName === TABLES.outbox && {
            'log misses': () => withoutOne(attempt(request)),
          }),
        ...(operation.startsWith('Batch') && {
          'unprocessed keys': () => unprocessedOf(request, attempt),
        }),
        ...(mayBeStale(request) && { 'stale read': ({ ms }) => staleAnswer(request, ms) }),
        ...(latestTransaction(request).length > 1 && {
          'transaction in part': () => {
            // its first items are there, the others not yet
            const parts = latestTransaction(request);
            return answerRequest(without(parts.filter((_, index) => index % 2 === 1)), request);
          },
        }),
      };
    }
  };

  return {
    clientIn,
    get(tableName, key) {
      const { definition, items } = tableNamed(tableName);
      const item = items.get(keyOf(definition, toWire(key)));
      return item && fromWire(item);
    },
    items: (tableName) => [...tableNamed(tableName).items.values()].map(fromWire),
    write: (request) => void apply(request),
  };
}

const SEES_SEVERAL: ReadonlySet<string> = new Set(['BatchGetItem', 'Query', 'Scan']);

const raise = (name: string): never => {
  throw new Error(`the model has no table '${name}'`);
};

const tokenOf = ({ input }: DynamoDbRequest): string | undefined =>
  (input as { readonly ClientRequestToken?: string }).ClientRequestToken;

const isRefusal = (error: unknown): boolean =>
  ['ConditionalCheckFailedException', 'TransactionCanceledException'].includes((error as Error).name);

/** The tables that a request goes to. */
const namesOf = (request: DynamoDbRequest): readonly string[] => {
  const { input } = request;
  if (input.TableName !== undefined) return [input.TableName];
  return [...Object.keys(input.RequestItems ?? {}), ...tablesOf(request)];
};

function placesOf(request: DynamoDbRequest, tables: Tables): { readonly table: string; readonly key: string }[] {
  return writesOf(request).flatMap(({ Put, Update, Delete }) => {
    const table = (Put ?? Update ?? Delete)?.TableName ?? '';
    const definition = tables.get(table)?.definition;
    const full = toWire(Put?.Item ?? Update?.Key ?? Delete?.Key ?? {});
    if (definition === undefined || Object.keys(full).length === 0) return [];
    const names = definition.KeySchema.map(({ AttributeName }) => AttributeName);
    const key = Object.fromEntries(Object.entries(full).filter(([name]) => names.includes(name)));
    return [{ table, key: keyOf(definition, key) }];
  });
}

/** Misses the last but one: of a transaction, a later event is shown. */
function withoutOne(answer: object): object {
  const { Items = [] } = answer as { Items?: readonly unknown[] };
  return Items.length < 2 ? answer : { Items: [...Items.slice(0, -2), ...Items.slice(-1)] };
}
