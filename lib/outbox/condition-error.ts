import { unmarshallItem } from '../shared/marshalling.ts';
import { OutboxConditionError } from './errors.ts';
import type { Item } from './item-size.ts';
import { findTypeMismatch } from './type-mismatch.ts';
import type { CollectedWrite } from './unit-of-work.ts';
import { partsOf, subjectOf } from './write-subject.ts';

/** The error for the caller's write whose condition failed, with the current item in plain values. */
export function conditionError(
  { item: write, keyNames }: CollectedWrite,
  index: number,
  item: Item | undefined,
): OutboxConditionError {
  const parts = partsOf(write);
  return new OutboxConditionError(
    subjectOf(write, index, keyNames),
    parts.condition,
    item === undefined ? undefined : unmarshallItem(item),
    findTypeMismatch(parts, item),
  );
}
