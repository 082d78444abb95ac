import { ownMember } from '../../definitions/index.ts';
import type { AttributeValue, Item } from './item.ts';

/** A document path: attribute names and list positions. */
export type DocumentPath = readonly (string | number)[];

/** A parsed operand of an update expression, with values instead of placeholders. */
export type Operand = DocumentPath | AttributeValue | Operation;

type Operation =
  | { readonly type: 'add' | 'subtract'; readonly args: readonly [Operand, Operand] }
  | { readonly type: 'function'; readonly name: 'if_not_exists'; readonly args: readonly [DocumentPath, Operand] }
  | { readonly type: 'function'; readonly name: 'list_append'; readonly args: readonly [Operand, Operand] };

/** One clause of an update expression. */
export type UpdateClause =
  | { readonly type: 'set'; readonly path: DocumentPath; readonly val: Operand; readonly attrType?: string | null }
  | { readonly type: 'add' | 'delete'; readonly path: DocumentPath; readonly val: AttributeValue }
  | { readonly type: 'remove'; readonly path: DocumentPath };

export interface ParsedUpdate {
  readonly sections: readonly UpdateClause[];
  readonly paths: readonly DocumentPath[];
  /** Attributes with nested values that the update uses. */
  readonly nestedPaths?: Readonly<Record<string, true>>;
}

export interface ParsedProjection {
  readonly paths: readonly DocumentPath[];
  readonly nestedPaths: Readonly<Record<string, true>>;
}

/** An operand of a condition: a path, a value, or the size of the value at a path. */
export type ConditionOperand =
  | DocumentPath
  | AttributeValue
  | { readonly type: 'function'; readonly name: 'size'; readonly args: readonly [ConditionOperand] };

export type Condition =
  | { readonly type: 'and' | 'or'; readonly args: readonly [Condition, Condition] }
  | { readonly type: 'not'; readonly args: readonly [Condition] }
  | {
      readonly type: '=' | '<>' | '<' | '<=' | '>' | '>=' | 'between' | 'in';
      readonly args: readonly ConditionOperand[];
    }
  | { readonly type: 'function'; readonly name: ConditionFunction; readonly args: readonly ConditionOperand[] };

export type ConditionFunction =
  | 'attribute_exists'
  | 'attribute_not_exists'
  | 'attribute_type'
  | 'begins_with'
  | 'contains';

export interface ParsedCondition {
  readonly expression: Condition;
}

export const isPath = (operand: object): operand is DocumentPath => Array.isArray(operand);

/** The value at a path of an item; undefined if there is none. */
export function valueAt(item: Item, path: DocumentPath): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item };
  for (const step of path) value = typeof step === 'string' ? ownMember(value?.M ?? {}, step) : value?.L?.[step];
  return value;
}
