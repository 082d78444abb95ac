import { parseSync, visitorKeys } from 'oxc-parser';

/** A node of the syntax tree, as ESTree has it. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

/** A node, and what it stands in. */
export interface Place {
  readonly node: Node;
  readonly parent: Place | undefined;
  /** Part of an optional chain: what wraps it alone would break the chain off. */
  readonly isInChain: boolean;
}

/** Syntax that has an expression to run within types. */
const TYPED_EXPRESSIONS: ReadonlySet<string> = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
]);

export const nodeAt = (node: Node, member: string): Node | undefined => {
  const value = node[member];
  return isNode(value) ? value : undefined;
};

export const nodesAt = (node: Node, member: string): readonly Node[] => {
  const value = node[member];
  return Array.isArray(value) ? value.filter(isNode) : [];
};

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Node>).type === 'string';

/**
 * Calls `visit` for everything in the text that runs: no types, no names of members, no imports.
 * @throws Error naming what the parser cannot read
 */
export function walk(fileName: string, source: string, visit: (place: Place) => void): void {
  const { program, errors } = parseSync(fileName, source);
  if (errors.length > 0) throw new Error(`${fileName}: ${errors[0]?.message}`);
  enter({ node: program as unknown as Node, parent: undefined, isInChain: false }, visit);
}

function enter(place: Place, visit: (place: Place) => void): void {
  const { node } = place;
  if (node.type.startsWith('TS') && !TYPED_EXPRESSIONS.has(node.type)) return;
  if (node.type === 'ImportDeclaration' || node.type === 'ExportAllDeclaration') return;
  visit(place);
  for (const member of visitorKeys[node.type] ?? []) {
    if (isName(node, member)) continue;
    for (const child of [nodeAt(node, member), ...nodesAt(node, member)]) {
      if (child !== undefined) enter({ node: child, parent: place, isInChain: continuesChain(place, member) }, visit);
    }
  }
}

const isName = (node: Node, member: string): boolean =>
  (member === 'key' && node['computed'] !== true) ||
  (member === 'source' && node.type !== 'CallExpression') ||
  (member === 'property' && node['computed'] !== true) ||
  member === 'specifiers';

/** From the end of a chain down to its beginning: `a?.b.c` holds `a?.b`, which holds `a`. */
const continuesChain = ({ node, isInChain }: Place, member: string): boolean =>
  node.type === 'ChainExpression' || (isInChain && (member === 'object' || member === 'callee'));
