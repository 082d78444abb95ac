import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { unmarshallItem } from '../shared/marshalling.ts';
import { OutboxConditionError } from './errors.ts';
import type { Item } from './item-size.ts';
import { partsOf, subjectOf } from './write-subject.ts';

/** The error for the caller's write whose condition failed, with the old item in plain values. */
export function conditionError(
  writes: readonly TransactWriteItem[],
  index: number,
  item: Item | undefined,
): OutboxConditionError {
  const write = writes[index] ?? {};
  return new OutboxConditionError(
    subjectOf(write, index),
    partsOf(write).condition,
    item === undefined ? undefined : unmarshallItem(item),
  );
}
