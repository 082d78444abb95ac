import { type Keywords, readGroup, readOperand, readPath } from './read-operand.ts';
import type { Grouped, PathNode, SyntaxNode, ValueNode } from './syntax.ts';
import type { TokenReader } from './token-reader.ts';

type Section = 'SET' | 'REMOVE' | 'ADD' | 'DELETE';

/** One clause of an update expression, before placeholders are replaced. */
export type ClauseSyntax =
  | { readonly section: 'SET'; readonly path: PathNode; readonly value: SyntaxNode }
  | { readonly section: 'ADD' | 'DELETE'; readonly path: PathNode; readonly value: ValueNode }
  | { readonly section: 'REMOVE'; readonly path: PathNode };

/** Clauses of one section are adjacent. */
export interface SectionSyntax {
  readonly section: Section;
  readonly clauses: readonly ClauseSyntax[];
}

const SECTIONS = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const;
const KEYWORDS: Keywords = new Set(SECTIONS);

/** Reads an update expression to its end. */
export function readUpdate(reader: TokenReader): readonly SectionSyntax[] {
  const sections: SectionSyntax[] = [];
  do {
    const section = SECTIONS.find((name) => reader.at(name)) ?? reader.refuse();
    reader.next();
    const clauses: ClauseSyntax[] = [];
    do clauses.push(readClause(reader, section));
    while (reader.take(','));
    sections.push({ section, clauses });
  } while (reader.peek().kind !== 'end');
  reader.finish();
  return sections;
}

function readClause(reader: TokenReader, section: Section): ClauseSyntax {
  const path = readPath(reader, KEYWORDS);
  if (section === 'REMOVE') return { section, path };
  if (section === 'SET') {
    reader.expect('=');
    return { section, path, value: readSetValue(reader, 0).node };
  }
  const { kind, text } = reader.peek();
  if (kind !== 'value') return reader.refuse();
  reader.next();
  return { section, path, value: { kind: 'value', placeholder: text } };
}

/** An operand, a sum or a difference of two, in parentheses or not. */
function readSetValue(reader: TokenReader, depth: number): Grouped {
  const first = reader.at('(')
    ? readGroup(reader, depth, () => readSetValue(reader, depth + 1))
    : readOperand(reader, KEYWORDS);
  for (const operator of ['+', '-']) {
    if (first.node.kind === 'operation' || !reader.take(operator)) continue;
    reader.operator();
    const args = [first.node, readOperand(reader, KEYWORDS).node];
    return { node: { kind: 'operation', operator, args }, grouped: false };
  }
  return first;
}
