/** The parts of a write that make it conditional; the values are as the caller's writes have them, plain or marshalled. */
export interface Condition<Value> {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, Value>;
}

/**
 * The condition that an item stands as it was read: it has `read` under `attribute`, or does not have the attribute where
 * `read` is undefined, as where there was no item.
 *
 * @example
 * orders.within(tx).put({ Item: order, ...ifUnchanged('version', before?.version) });
 */
export const ifUnchanged = <Value>(attribute: string, read: Value | undefined): Condition<Value> => ({
  ConditionExpression: read === undefined ? 'attribute_not_exists(#read)' : '#read = :read',
  ExpressionAttributeNames: { '#read': attribute },
  ...(read === undefined ? {} : { ExpressionAttributeValues: { ':read': read } }),
});
