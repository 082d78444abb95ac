import type { ParsedUpdate, UpdateClause } from '../../lib/testing/dynamodb/expressions.ts';
import type { AttributeValue } from '../../lib/testing/dynamodb/item.ts';

/** UpdateItem's older way to say what changes. */
export interface AttributeUpdates {
  readonly [attribute: string]: { readonly Action?: 'PUT' | 'ADD' | 'DELETE'; readonly Value?: AttributeValue };
}

/** The update expression that says the same; the updates are valid already. */
export function fromAttributeUpdates(updates: AttributeUpdates): ParsedUpdate {
  const sections = Object.entries(updates).map(([name, { Action = 'PUT', Value }]): UpdateClause => {
    const path = [name];
    if (Value === undefined) return { type: 'remove', path };
    if (Action === 'PUT') return { type: 'set', path, val: Value, attrType: Object.keys(Value)[0] ?? null };
    if (Action === 'DELETE') return { type: 'delete', path, val: Value };
    if (Value.L === undefined) return { type: 'add', path, val: Value };
    const existing = { type: 'function', name: 'if_not_exists', args: [path, { L: [] }] } as const;
    return {
      type: 'set',
      path,
      val: { type: 'function', name: 'list_append', args: [existing, Value] },
      attrType: 'L',
    };
  });
  return { sections, paths: sections.map((clause) => clause.path) };
}
