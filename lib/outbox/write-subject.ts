import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { unmarshallItem } from '../shared/marshalling.ts';
import type { WriteAction, WriteSubject } from './errors.ts';
import type { Item } from './item-size.ts';

/** A caller's write with its parts by name, whichever action it is. */
export interface WriteParts {
  readonly action: WriteAction;
  readonly tableName: string;
  readonly target: Item;
  readonly condition: string | undefined;
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
    ExpressionAttributeValues?: Item | undefined;
  },
  target: Item = {},
): WriteParts => ({
  action,
  tableName: write.TableName ?? '',
  target,
  condition: write.ConditionExpression,
  values: write.ExpressionAttributeValues ?? {},
});

/** A caller's write as errors name it, with plain values. */
export function subjectOf(write: TransactWriteItem, index: number): WriteSubject {
  const { action, tableName, target } = partsOf(write);
  return { action, tableName, target: unmarshallItem(target), index };
}
