/** The conditional part of a write. Values are plain or marshalled, as in the caller's write. */
export interface Condition<Value> {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, Value>;
}

/**
 * The condition that an item has not changed since it was read: `attribute` still has the value `read`, or is still
 * absent if `read` is undefined.
 *
 * @example
 * orders.within(tx).put({ Item: order, ...ifUnchanged('version', before?.version) });
 */
export const ifUnchanged = <Value>(attribute: string, read: Value | undefined): Condition<Value> => ({
  ConditionExpression: read === undefined ? 'attribute_not_exists(#read)' : '#read = :read',
  ExpressionAttributeNames: { '#read': attribute },
  ...(read === undefined ? {} : { ExpressionAttributeValues: { ':read': read } }),
});
