import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { defineHidden } from '../shared/hidden.ts';
import { unmarshallItem } from '../shared/marshalling.ts';
import type { Item } from './item-size.ts';

export type WriteAction = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';

/** The write that an error is about. */
export interface WriteSubject {
  readonly action: WriteAction;
  readonly tableName: string;
  /** Index among the caller's writes, from 0; negative for writes that Waybill added. */
  readonly index: number;
  /** The item's key; undefined for a Put into a table whose key is not known. */
  readonly key: Readonly<Record<string, unknown>> | undefined;
  /** The item of a put, or the key. Not enumerable, because it may contain personal data. */
  readonly target: Readonly<Record<string, unknown>>;
}

/** A write's parts, independent of its action. */
export interface WriteParts {
  readonly action: WriteAction;
  readonly tableName: string;
  readonly target: Item;
  readonly condition: string | undefined;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Item;
}

export function partsOf(write: TransactWriteItem): WriteParts {
  const { Put, Update, Delete, ConditionCheck } = write;
  if (Put !== undefined) return parts('Put', Put, Put.Item);
  if (Update !== undefined) return parts('Update', Update, Update.Key);
  if (Delete !== undefined) return parts('Delete', Delete, Delete.Key);
  return parts('ConditionCheck', ConditionCheck ?? {}, ConditionCheck?.Key);
}

const parts = (
  action: WriteAction,
  write: {
    TableName?: string | undefined;
    ConditionExpression?: string | undefined;
    ExpressionAttributeNames?: Record<string, string> | undefined;
    ExpressionAttributeValues?: Item | undefined;
  },
  target: Item = {},
): WriteParts => ({
  action,
  tableName: write.TableName ?? '',
  target,
  condition: write.ConditionExpression,
  names: write.ExpressionAttributeNames ?? {},
  values: write.ExpressionAttributeValues ?? {},
});

/**
 * Describes a write for errors, with plain values.
 * @param keyNames attributes of the table's key, if known
 */
export function subjectOf(write: TransactWriteItem, index: number, keyNames?: readonly string[]): WriteSubject {
  const { action, tableName, target } = partsOf(write);
  const plain = unmarshallItem(target);
  const names = action === 'Put' ? keyNames : Object.keys(plain);
  const key = names && Object.fromEntries(names.map((name) => [name, plain[name]]));
  const subject = { action, tableName, index, key };
  defineHidden(subject, 'target', plain);
  return subject as WriteSubject;
}

const KEY_MAX_LENGTH = 200;

/**
 * For example `write 1 (Put in table 'orders' of {"orderId":"7"})`. Of an item only its key: the rest may be personal
 * data.
 */
export function describeWrite({ action, tableName, index, key }: WriteSubject): string {
  const which = index < 0 ? 'a write added by Waybill' : `write ${index + 1}`;
  return `${which} (${action} in table '${tableName}'${key === undefined ? '' : ` of ${textOf(key)}`})`;
}

const textOf = (key: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(key, (_, value) => (typeof value === 'bigint' ? String(value) : value)).slice(0, KEY_MAX_LENGTH);
