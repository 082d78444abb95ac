import {
  type Keywords,
  readArguments,
  readGroup,
  readOperand,
  readPlainOperand,
  readRestOfPath,
} from './read-operand.ts';
import type { Grouped, SyntaxNode } from './syntax.ts';
import type { TokenReader } from './token-reader.ts';

const KEYWORDS: Keywords = new Set(['AND', 'OR', 'NOT', 'BETWEEN', 'IN']);
const COMPARATORS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=']);

/** Reads a condition, filter or key condition to its end. */
export function readCondition(reader: TokenReader): SyntaxNode {
  const { node } = readAlternatives(reader, 0);
  reader.finish();
  return node;
}

/** Terms with OR between them. Within parentheses this may be a single operand, depending on the token after them. */
function readAlternatives(reader: TokenReader, depth: number): Grouped {
  return readChain(reader, 'OR', () => readChain(reader, 'AND', () => readTerm(reader, depth)));
}

function readChain(reader: TokenReader, operator: 'AND' | 'OR', readPart: () => Grouped): Grouped {
  let chain = readPart();
  while (reader.at(operator)) {
    if (!isCondition(chain.node)) reader.refuse();
    reader.next();
    reader.operator();
    const { node } = readPart();
    if (!isCondition(node)) reader.refuse();
    chain = { node: { kind: 'operation', operator, args: [chain.node, node] }, grouped: false };
  }
  return chain;
}

function readTerm(reader: TokenReader, depth: number): Grouped {
  let negations = 0;
  while (reader.take('NOT')) {
    reader.operator();
    negations++;
  }
  let term = readComparison(reader, depth);
  if (negations > 0 && !isCondition(term.node)) reader.refuse();
  for (; negations > 0; negations--) {
    term = { node: { kind: 'operation', operator: 'NOT', args: [term.node] }, grouped: false };
  }
  return term;
}

function readComparison(reader: TokenReader, depth: number): Grouped {
  const first = readFirst(reader, depth);
  if (first.node.kind === 'operation') return first;
  const { kind, text } = reader.peek();
  if (kind === 'sign' && COMPARATORS.has(text)) {
    reader.next();
    reader.operator();
    return operation(text, [first.node, readOperand(reader, KEYWORDS).node]);
  }
  if (reader.take('BETWEEN')) {
    reader.operator();
    const lower = readOperand(reader, KEYWORDS).node;
    reader.expect('AND');
    return operation('BETWEEN', [first.node, lower, readOperand(reader, KEYWORDS).node]);
  }
  if (reader.take('IN')) {
    reader.operator();
    return operation('IN', [first.node, ...readArguments(reader, KEYWORDS)]);
  }
  const isAlone = first.node.kind === 'call' || (depth > 0 && reader.at(')'));
  return isAlone ? first : reader.refuse();
}

/** The start of a term: an operand, or a condition in parentheses. */
function readFirst(reader: TokenReader, depth: number): Grouped {
  if (!reader.at('(')) return { node: readPlainOperand(reader, KEYWORDS), grouped: false };
  const group = readGroup(reader, depth, () => readAlternatives(reader, depth + 1));
  return group.node.kind === 'path' ? readRestOfPath(reader, KEYWORDS, { ...group, node: group.node }) : group;
}

const operation = (operator: string, args: readonly SyntaxNode[]): Grouped => ({
  node: { kind: 'operation', operator, args },
  grouped: false,
});

const isCondition = ({ kind }: SyntaxNode): boolean => kind === 'operation' || kind === 'call';
