import { type DocumentPath, isPath, type Operand, type UpdateClause } from '../expressions.ts';
import {
  checkOperandCount,
  checkOperandType,
  checkPlace,
  needsPath,
  type Place,
  type TypeName,
  typeOf,
} from './functions.ts';
import { checkPathSyntax, resolvePath } from './paths.ts';
import { type ParseContext, requestValueOf } from './placeholders.ts';
import { ExpressionProblem } from './problem.ts';
import type { ClauseSyntax, SectionSyntax } from './read-update.ts';
import type { SyntaxNode } from './syntax.ts';

const NUMBER: ReadonlySet<string> = new Set(['N']);
const LIST: ReadonlySet<string> = new Set(['L']);

/** Words, list positions, functions and sections, as they are written from left to right. */
export function checkUpdateNames(sections: readonly SectionSyntax[], isReserved: (name: string) => boolean): void {
  for (const clause of sections.flatMap(({ clauses }) => clauses)) {
    checkPathSyntax(clause.path, isReserved);
    if (clause.section === 'SET') checkValueNames(clause.value, isReserved, 'set-value');
  }
  const seen = new Set<string>();
  for (const { section } of sections) {
    if (seen.has(section)) {
      throw new ExpressionProblem(`The "${section}" section can only be used once in an update expression;`);
    }
    seen.add(section);
  }
}

function checkValueNames(node: SyntaxNode, isReserved: (name: string) => boolean, place: Place): void {
  if (node.kind === 'path') checkPathSyntax(node, isReserved);
  if (node.kind === 'path' || node.kind === 'value') return;
  if (node.kind === 'call') checkPlace(node.name, place);
  for (const arg of node.args) checkValueNames(arg, isReserved, 'set-operand');
}

/** The paths from which a value is read. */
export function pathsWithin(node: SyntaxNode, context: ParseContext): readonly DocumentPath[] {
  if (node.kind === 'value') return [];
  return node.kind === 'path' ? [resolvePath(node, context)] : node.args.flatMap((arg) => pathsWithin(arg, context));
}

/** A clause, with the types of those operands that do not depend on the item. */
type TypedClause = UpdateClause & { readonly attrType?: TypeName | null };

export function buildClause(clause: ClauseSyntax, path: DocumentPath, context: ParseContext): TypedClause {
  switch (clause.section) {
    case 'REMOVE':
      return { type: 'remove', path };
    case 'SET': {
      const val = buildValue(clause.value, context);
      return { type: 'set', path, val, attrType: staticType(val) ?? null };
    }
    case 'ADD':
    case 'DELETE': {
      const val = requestValueOf(clause.value.placeholder, context);
      const attrType = typeOf(val) ?? 'S';
      const name = NO_OPERANDS[clause.section].get(attrType);
      if (name !== undefined) {
        throw new ExpressionProblem(
          `Incorrect operand type for operator or function; operator: ${clause.section}, operand type: ${name}, typeSet: ALLOWED_FOR_${clause.section}_OPERAND`,
        );
      }
      return { type: clause.section === 'ADD' ? 'add' : 'delete', path, val, attrType };
    }
  }
}

const NOT_TO_ADD = [
  ['S', 'STRING'],
  ['B', 'BINARY'],
  ['NULL', 'NULL'],
  ['BOOL', 'BOOLEAN'],
  ['L', 'LIST'],
  ['M', 'MAP'],
] as const;

const NO_OPERANDS: Readonly<Record<'ADD' | 'DELETE', ReadonlyMap<TypeName, string>>> = {
  ADD: new Map(NOT_TO_ADD),
  DELETE: new Map([...NOT_TO_ADD, ['N', 'NUMBER']]),
};

function buildValue(node: SyntaxNode, context: ParseContext): Operand {
  if (node.kind === 'value') return requestValueOf(node.placeholder, context);
  if (node.kind === 'path') return resolvePath(node, context);
  const [first, second] = node.args.map((arg) => buildValue(arg, context));
  if (node.kind === 'call') checkOperandCount(node);
  if (first === undefined || second === undefined) throw new Error('an operation of an update has two operands');
  if (node.kind === 'call' && node.name === 'if_not_exists') {
    if (!isPath(first)) throw needsPath(node.name);
    return { type: 'function', name: 'if_not_exists', args: [first, second] };
  }
  const operator = node.kind === 'call' ? node.name : node.operator;
  for (const arg of [first, second]) {
    // the result of if_not_exists may be the item's value
    if (isPath(arg) || !('type' in arg))
      checkOperandType(operator, staticType(arg), operator === 'list_append' ? LIST : NUMBER);
  }
  if (operator === 'list_append') return { type: 'function', name: 'list_append', args: [first, second] };
  return { type: operator === '+' ? 'add' : 'subtract', args: [first, second] };
}

/** The type of an operand that does not depend on the item, or only if the attribute exists. */
function staticType(operand: Operand): TypeName | undefined {
  if (isPath(operand)) return undefined;
  if (!('type' in operand)) return typeOf(operand);
  if (operand.type !== 'function') return 'N';
  return operand.name === 'list_append' ? 'L' : staticType(operand.args[1]);
}
