import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { WriteRefusal } from '../../outbox/index.ts';
import { DynamoDbRefusal } from './errors.ts';
import type { Item } from './item.ts';
import { prepareWrite } from './prepare-write.ts';
import type { TableSchema } from './schema.ts';
import { fromWire } from './wire.ts';
import { evaluate, locate, type Write } from './write.ts';

export interface StoredTable {
  readonly definition: TableSchema;
  readonly items: Map<string, Item>;
}

/** Writes that are valid by themselves, as things stand when they are asked for. */
export interface Transaction {
  /** A condition that does not hold comes before what is wrong with a write, as in the service's answer. */
  firstRefused(): WriteRefusal | undefined;
  apply(): void;
}

interface Target {
  readonly table: StoredTable;
  readonly write: Write;
  /** What is wrong with the write's keys. */
  readonly place: string | DynamoDbRefusal;
}

/** @throws DynamoDbRefusal `ValidationException` for what is wrong whatever the tables hold, in DynamoDB's words */
export function createTransaction(
  writes: readonly TransactWriteItem[],
  tableOf: (tableName: string) => StoredTable,
): Transaction {
  const targets = writes.map((item): Target => {
    const { tableName, write } = prepareWrite(item);
    const table = tableOf(tableName);
    return { table, write, place: attempt(() => locate(table.definition, write)) };
  });
  assertDistinct(targets);

  return {
    firstRefused() {
      const refusals = targets.flatMap((target, index) => refusalOf(target, index) ?? []);
      return refusals.find(({ fault }) => fault === undefined) ?? refusals[0];
    },
    apply() {
      const changes = targets.map((target) => ({ ...placed(target), after: outcomeOf(target) }));
      for (const { table, key, after } of changes) {
        if (after === undefined) table.items.delete(key);
        else table.items.set(key, after);
      }
    },
  };
}

function placed({ table, place }: Target): { readonly table: StoredTable; readonly key: string } {
  if (place instanceof DynamoDbRefusal) throw place;
  return { table, key: place };
}

function outcomeOf(target: Target): Item | undefined {
  const { table, key } = placed(target);
  return evaluate(table.definition, table.items.get(key), target.write);
}

function refusalOf(target: Target, index: number): WriteRefusal | undefined {
  const outcome = attempt(() => outcomeOf(target));
  if (!(outcome instanceof DynamoDbRefusal)) return undefined;
  const before = typeof target.place === 'string' ? target.table.items.get(target.place) : undefined;
  const refusal = { index, item: before && fromWire(before) };
  if (outcome.code === 'ConditionalCheckFailedException') return refusal;
  return { ...refusal, fault: { code: 'ValidationError', message: outcome.message } };
}

function attempt<Value>(run: () => Value): Value | DynamoDbRefusal {
  try {
    return run();
  } catch (error) {
    if (error instanceof DynamoDbRefusal) return error;
    throw error;
  }
}

function assertDistinct(targets: readonly Target[]): void {
  const seen = new Map<StoredTable, Set<unknown>>();
  for (const { table, place } of targets) {
    const places = seen.get(table) ?? new Set();
    if (places.has(place)) {
      throw new DynamoDbRefusal(
        'ValidationException',
        'Transaction request cannot include multiple operations on one item',
      );
    }
    seen.set(table, places.add(place));
  }
}
