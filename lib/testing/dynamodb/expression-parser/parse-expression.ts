import type { DocumentPath, ParsedCondition, ParsedProjection, ParsedUpdate } from '../expressions.ts';
import { buildCondition, checkConditionNames } from './build-condition.ts';
import { buildClause, checkUpdateNames, pathsWithin } from './build-update.ts';
import { checkClashes, checkPathSyntax, headsOf, nestedHeadsOf, resolvePath } from './paths.ts';
import type { ParseContext } from './placeholders.ts';
import { ExpressionProblem } from './problem.ts';
import { readCondition } from './read-condition.ts';
import { type Keywords, readPath } from './read-operand.ts';
import { readUpdate } from './read-update.ts';
import type { PathNode } from './syntax.ts';
import { readTokens, type TokenReader } from './token-reader.ts';

export interface ExpressionContext extends ParseContext {
  readonly isReserved: (name: string) => boolean;
}

/** Returns the parsed expression or DynamoDB's message about it, in time proportional to the text's length. */
type Parser<Parsed> = (text: string, context: ExpressionContext) => Parsed | string;

type Nested = { readonly nestedPaths: Readonly<Record<string, true>> };

/** Condition, filter and key condition expressions. */
export const parseCondition: Parser<ParsedCondition & Nested & { readonly pathHeads: Record<string, true> }> = (
  text,
  context,
) =>
  orProblem(() => {
    const syntax = readCondition(readTokens(text));
    checkConditionNames(syntax, context.isReserved, 'condition');
    const paths: DocumentPath[] = [];
    const expression = buildCondition(syntax, context, paths);
    return { expression, nestedPaths: nestedHeadsOf(paths), pathHeads: headsOf(paths) };
  });

export const parseUpdate: Parser<ParsedUpdate & Nested> = (text, context) =>
  orProblem(() => {
    const sections = readUpdate(readTokens(text));
    checkUpdateNames(sections, context.isReserved);
    const clauses = sections.flatMap((section) => section.clauses);
    const paths = clauses.map(({ path }) => resolvePath(path, context));
    checkClashes(paths);
    const read = clauses.flatMap((clause) => (clause.section === 'SET' ? pathsWithin(clause.value, context) : []));
    // the service checks operands from the last clause to the first
    const built = clauses.map((clause, index) => ({ clause, path: paths[index] ?? [] })).reverse();
    const parsed = built.map(({ clause, path }) => buildClause(clause, path, context)).reverse();
    return { sections: parsed, paths, nestedPaths: nestedHeadsOf([...paths, ...read]) };
  });

export const parseProjection: Parser<ParsedProjection> = (text, context) =>
  orProblem(() => {
    const nodes = readPaths(readTokens(text));
    for (const node of nodes) checkPathSyntax(node, context.isReserved);
    const paths = nodes.map((node) => resolvePath(node, context));
    checkClashes(paths);
    return { paths, nestedPaths: nestedHeadsOf(paths) };
  });

const NO_KEYWORDS: Keywords = new Set();

function readPaths(reader: TokenReader): readonly PathNode[] {
  const paths: PathNode[] = [];
  do paths.push(readPath(reader, NO_KEYWORDS));
  while (reader.take(','));
  reader.finish();
  return paths;
}

function orProblem<Parsed>(parse: () => Parsed): Parsed | string {
  try {
    return parse();
  } catch (error) {
    if (error instanceof ExpressionProblem) return error.message;
    throw error;
  }
}
