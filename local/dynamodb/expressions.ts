import type { AttributeValue } from './item.ts';

/** Where a document path leads: attribute names and list positions. */
export type DocumentPath = readonly (string | number)[];

/** An operand of an update expression, as the parser leaves it: placeholders are already replaced by their values. */
export type Operand = DocumentPath | AttributeValue | Operation;

export type Operation =
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
}

export interface ParsedProjection {
  readonly paths: readonly DocumentPath[];
  readonly nestedPaths: Readonly<Record<string, true>>;
}

/** A condition as the parser leaves it; only the adapter looks inside. */
export interface ParsedCondition {
  readonly expression: object;
}
