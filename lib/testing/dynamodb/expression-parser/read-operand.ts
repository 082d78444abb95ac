import type { Grouped, PathNode, SyntaxNode } from './syntax.ts';
import type { TokenReader } from './token-reader.ts';

/** Words that are not names at the position of an operand. */
export type Keywords = ReadonlySet<string>;

/** Deeper than any expression of 300 operators needs; keeps the recursion small. */
const DEEPEST_GROUP = 400;

/**
 * Reads `( … )`; `depth` counts the groups around it.
 * @param inside reads the content
 */
export function readGroup(reader: TokenReader, depth: number, inside: () => Grouped): Grouped {
  if (depth > DEEPEST_GROUP) reader.tooDeep();
  reader.expect('(');
  const { node, grouped } = inside();
  reader.expect(')');
  if (grouped) reader.redundantParentheses();
  return { node, grouped: true };
}

/** A path, a value or a function call, in parentheses or not. */
export function readOperand(reader: TokenReader, keywords: Keywords, depth = 0): Grouped {
  if (reader.at('(')) {
    const group = readGroup(reader, depth, () => readOperand(reader, keywords, depth + 1));
    return group.node.kind === 'path' ? readRestOfPath(reader, keywords, { ...group, node: group.node }) : group;
  }
  return { node: readPlainOperand(reader, keywords), grouped: false };
}

export function readPlainOperand(reader: TokenReader, keywords: Keywords): SyntaxNode {
  const { kind, text } = reader.peek();
  if (kind === 'value') {
    reader.next();
    return { kind: 'value', placeholder: text };
  }
  if (kind === 'word' && !keywords.has(text.toUpperCase()) && reader.peekBeyond().text === '(') {
    reader.next();
    return { kind: 'call', name: text, args: readArguments(reader, keywords) };
  }
  return readPath(reader, keywords);
}

/** One or more operands in parentheses, separated by commas. */
export function readArguments(reader: TokenReader, keywords: Keywords): readonly SyntaxNode[] {
  reader.expect('(');
  const args: SyntaxNode[] = [];
  do args.push(readOperand(reader, keywords).node);
  while (reader.take(','));
  reader.expect(')');
  return args;
}

export function readPath(reader: TokenReader, keywords: Keywords): PathNode {
  const steps = [readName(reader, keywords)];
  return readSteps(reader, keywords, steps);
}

/** `(a.b).c` is a path that is not enclosed in parentheses as a whole. */
export function readRestOfPath(
  reader: TokenReader,
  keywords: Keywords,
  group: Grouped & { readonly node: PathNode },
): Grouped {
  const node = readSteps(reader, keywords, group.node.steps);
  return { node, grouped: node.steps.length === group.node.steps.length };
}

type Steps = PathNode['steps'];

function readSteps(reader: TokenReader, keywords: Keywords, first: Steps): PathNode {
  const steps = [...first];
  for (;;) {
    if (reader.take('.')) steps.push(readName(reader, keywords));
    else if (reader.take('[')) {
      if (reader.peek().kind !== 'number') reader.refuse();
      steps.push({ kind: 'index', digits: reader.next().text });
      reader.expect(']');
    } else return { kind: 'path', steps };
  }
}

function readName(reader: TokenReader, keywords: Keywords): Steps[number] {
  const { kind, text } = reader.peek();
  if (kind !== 'name' && (kind !== 'word' || keywords.has(text.toUpperCase()))) return reader.refuse();
  reader.next();
  return kind === 'name' ? { kind: 'placeholder', placeholder: text } : { kind: 'name', name: text };
}
