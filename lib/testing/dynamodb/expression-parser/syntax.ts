/** An expression as it is written: placeholders are not replaced, nothing but the syntax is checked. */
export type SyntaxNode = PathNode | ValueNode | CallNode | OperationNode;

export interface PathNode {
  readonly kind: 'path';
  readonly steps: readonly PathStep[];
}

type PathStep =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'placeholder'; readonly placeholder: string }
  | { readonly kind: 'index'; readonly digits: string };

export interface ValueNode {
  readonly kind: 'value';
  readonly placeholder: string;
}

export interface CallNode {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly SyntaxNode[];
}

/** Operators are in capital letters: `AND`, `BETWEEN`, `<`. */
export interface OperationNode {
  readonly kind: 'operation';
  readonly operator: string;
  readonly args: readonly SyntaxNode[];
}

/** A node, and whether the last thing around it is a pair of parentheses. */
export interface Grouped {
  readonly node: SyntaxNode;
  readonly grouped: boolean;
}
