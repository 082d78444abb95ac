import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Item as WireItem } from '../../outbox/index.ts';
import { DynamoDbRefusal } from './errors.ts';
import type { Item } from './item.ts';
import { keyText } from './key-rules.ts';
import { prepareWrite } from './prepare-write.ts';
import type { TableSchema } from './schema.ts';
import { fromWire } from './wire.ts';
import { evaluate, placeOf, type Write } from './write.ts';

export interface StoredTable {
  readonly definition: TableSchema;
  readonly items: Map<string, Item>;
}

/** Why a write of a transaction is not applied. */
export interface WriteRefusal {
  readonly index: number;
  /** The stored item. */
  readonly item: WireItem | undefined;
  /** DynamoDB's error about the write itself; undefined if the write's condition does not hold. */
  readonly fault?: { readonly code: string; readonly message: string };
}

/** Writes that are valid requests. Both methods use the items that are stored when they are called. */
export interface Transaction {
  /**
   * An invalid key has precedence over a condition that does not hold, and that over an invalid write, as in the
   * service's response, which ends with the first invalid action.
   */
  firstRefused(): WriteRefusal | undefined;
  apply(): void;
}

interface Target {
  readonly table: StoredTable;
  readonly write: Write;
  /** The key of the item as text, or the error about the write's keys. */
  readonly place: string | DynamoDbRefusal;
}

/**
 * @throws DynamoDbRefusal `ValidationException` with DynamoDB's message, for problems that do not depend on the tables'
 * items
 */
export function createTransaction(
  writes: readonly TransactWriteItem[],
  tableOf: (tableName: string) => StoredTable,
): Transaction {
  const targets = writes.map((item): Target => {
    const { tableName, write } = prepareWrite(item);
    const table = tableOf(tableName);
    return { table, write, place: attempt(() => keyText(placeOf(table.definition, write), table.definition)) };
  });
  assertDistinct(targets);

  return {
    firstRefused() {
      // an invalid key comes before every condition
      const misplaced = targets.findIndex(({ place }) => place instanceof DynamoDbRefusal);
      if (misplaced !== -1) return targets.map(refusalOf)[misplaced];
      const refusals = targets.flatMap((target, index) => refusalOf(target, index) ?? []);
      // the service does not check actions after an invalid one
      const stop = refusals.findIndex(({ fault }) => fault !== undefined);
      const told = stop === -1 ? refusals : refusals.slice(0, stop + 1);
      return told.find(({ fault }) => fault === undefined) ?? told[0];
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
