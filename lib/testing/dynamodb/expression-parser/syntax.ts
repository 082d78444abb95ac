/** An expression of which only the syntax was checked; placeholders are not replaced. */
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

/** A node, and whether it is enclosed in parentheses. */
export interface Grouped {
  readonly node: SyntaxNode;
  readonly grouped: boolean;
}
