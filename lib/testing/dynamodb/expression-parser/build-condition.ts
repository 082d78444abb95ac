import { compareDecimals } from '../decimal.ts';
import { type Condition, type ConditionOperand, type DocumentPath, isPath } from '../expressions.ts';
import type { AttributeValue } from '../item.ts';
import {
  checkOperandCount,
  checkOperandType,
  checkPlace,
  needsPath,
  type Place,
  type TypeName,
  typeOf,
  wrongOperandType,
} from './functions.ts';
import { checkPathSyntax, pathText, resolvePath, samePath } from './paths.ts';
import { type ParseContext, requestValueOf } from './placeholders.ts';
import { ExpressionProblem } from './problem.ts';
import type { CallNode, OperationNode, SyntaxNode } from './syntax.ts';

/** Most operands of IN. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_CANDIDATES = 100;
const ORDERED: ReadonlySet<string> = new Set(['S', 'N', 'B']);
const WITH_SIZE: ReadonlySet<string> = new Set(['S', 'B', 'SS', 'NS', 'BS', 'L', 'M']);
const WITH_PREFIX: ReadonlySet<string> = new Set(['S', 'B']);
const TYPE_NAMES = ['B', 'NULL', 'SS', 'BOOL', 'L', 'BS', 'N', 'NS', 'S', 'M'];

/** Words, list positions and functions, as they are written from left to right. */
export function checkConditionNames(node: SyntaxNode, isReserved: (name: string) => boolean, place: Place): void {
  if (node.kind === 'path') checkPathSyntax(node, isReserved);
  if (node.kind === 'path' || node.kind === 'value') return;
  if (node.kind === 'call') checkPlace(node.name, place);
  const within = node.kind === 'operation' && LOGIC.has(node.operator) ? 'condition' : 'operand';
  for (const arg of node.args) checkConditionNames(arg, isReserved, within);
}

const LOGIC: ReadonlySet<string> = new Set(['AND', 'OR', 'NOT']);

/** Replaces the placeholders, and checks each comparison and call in the order of the text. */
export function buildCondition(node: SyntaxNode, context: ParseContext, paths: DocumentPath[]): Condition {
  const operand = (arg: SyntaxNode) => buildOperand(arg, context, paths);
  if (node.kind === 'call') return buildCall(node, node.args.map(operand));
  if (node.kind !== 'operation') throw new Error(`${node.kind} is no condition`);
  const [first, second] = node.args;
  const part = (arg: SyntaxNode | undefined) => buildCondition(arg ?? node, context, paths);
  switch (node.operator) {
    case 'AND':
      return { type: 'and', args: [part(first), part(second)] };
    case 'OR':
      return { type: 'or', args: [part(first), part(second)] };
    case 'NOT':
      return { type: 'not', args: [part(first)] };
    default:
      return buildComparison(node, node.args.map(operand));
  }
}

type Comparator = Extract<Condition, { readonly args: readonly ConditionOperand[] }>['type'];

function buildComparison({ operator }: OperationNode, args: readonly ConditionOperand[]): Condition {
  if (operator === 'IN') {
    if (args.length - 1 > MAX_CANDIDATES) {
      throw new ExpressionProblem(
        `The IN operator is provided with too many operands; number of operands: ${args.length - 1}`,
      );
    }
    return { type: 'in', args };
  }
  if (operator === 'BETWEEN') {
    for (const arg of args) checkOperandType(operator, staticType(arg), ORDERED);
    checkBounds(args[1], args[2]);
    return { type: 'between', args };
  }
  checkDistinct(operator, args);
  if (operator !== '=' && operator !== '<>') {
    for (const arg of args) checkOperandType(operator, staticType(arg), ORDERED);
  }
  return { type: operator as Comparator, args } as Condition;
}

function buildCall(call: CallNode, args: readonly ConditionOperand[]): Condition {
  const { name } = call;
  checkOperandCount(call);
  checkDistinct(name, args);
  const [first, second] = args;
  switch (name) {
    case 'attribute_exists':
    case 'attribute_not_exists':
      if (first === undefined || !isPath(first)) throw needsPath(name);
      return { type: 'function', name, args };
    case 'attribute_type':
      checkTypeName(name, second);
      return { type: 'function', name, args };
    case 'begins_with':
      for (const arg of args) checkOperandType(name, staticType(arg), WITH_PREFIX);
      return { type: 'function', name, args };
    default:
      return { type: 'function', name: 'contains', args };
  }
}

function buildOperand(node: SyntaxNode, context: ParseContext, paths: DocumentPath[]): ConditionOperand {
  if (node.kind === 'value') return requestValueOf(node.placeholder, context);
  if (node.kind === 'path') {
    const path = resolvePath(node, context);
    paths.push(path);
    return path;
  }
  const args = node.args.map((arg) => buildOperand(arg, context, paths));
  if (node.kind === 'call') checkOperandCount(node);
  const [measured] = args;
  if (measured === undefined) throw new Error('size has no operand');
  checkOperandType('size', staticType(measured), WITH_SIZE);
  return { type: 'function', name: 'size', args: [measured] };
}

/** The type of an operand that does not depend on the item. */
function staticType(operand: ConditionOperand): TypeName | undefined {
  if (isPath(operand)) return undefined;
  return 'type' in operand ? 'N' : typeOf(operand);
}

function checkDistinct(operator: string, [first, second, ...others]: readonly ConditionOperand[]): void {
  if (first === undefined || second === undefined || others.length > 0) return;
  if (!isPath(first) || !isPath(second) || !samePath(first, second)) return;
  throw new ExpressionProblem(
    `The first operand must be distinct from the remaining operands for this operator or function; operator: ${operator}, first operand: ${pathText(first)}`,
  );
}

function checkTypeName(name: string, operand: ConditionOperand | undefined): void {
  const type = operand === undefined ? undefined : staticType(operand);
  if (operand === undefined || type === undefined) throw wrongOperandType(name, '{NS,SS,L,BS,N,M,B,BOOL,NULL,S}');
  const wanted = isPath(operand) || 'type' in operand ? undefined : operand.S;
  if (wanted === undefined) throw wrongOperandType(name, type);
  if (TYPE_NAMES.includes(wanted)) return;
  throw new ExpressionProblem(
    `Invalid attribute type name found; type: ${wanted}, valid types: {${TYPE_NAMES.join(',')}}`,
  );
}

/** Checks bounds that are both values of the request. */
function checkBounds(lower: ConditionOperand | undefined, upper: ConditionOperand | undefined): void {
  if (lower === undefined || upper === undefined || !isValue(lower) || !isValue(upper)) return;
  const bounds = `lower bound operand: ${boundText(lower)}, upper bound operand: ${boundText(upper)}`;
  if (typeOf(lower) !== typeOf(upper)) {
    throw new ExpressionProblem(`The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`);
  }
  if (compareValues(lower, upper) <= 0) return;
  throw new ExpressionProblem(
    `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}`,
  );
}

const isValue = (operand: ConditionOperand): operand is AttributeValue => !isPath(operand) && !('type' in operand);

function compareValues(a: AttributeValue, b: AttributeValue): number {
  if (a.N !== undefined) return compareDecimals(a.N, b.N ?? '0');
  if (a.S !== undefined) return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S ?? ''));
  return Buffer.compare(Buffer.from(a.B ?? '', 'base64'), Buffer.from(b.B ?? '', 'base64'));
}

function boundText(value: AttributeValue): string {
  const type = typeOf(value) ?? 'S';
  return `AttributeValue: {${type}:${String(value[type])}}`;
}
