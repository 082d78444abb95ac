import type { AttributeValue } from '../item.ts';
import { ExpressionProblem } from './problem.ts';
import type { CallNode } from './syntax.ts';

export type TypeName = keyof AttributeValue;

const CONDITION_FUNCTIONS: ReadonlyMap<string, number> = new Map([
  ['attribute_exists', 1],
  ['attribute_not_exists', 1],
  ['attribute_type', 2],
  ['begins_with', 2],
  ['contains', 2],
]);
const OPERAND_FUNCTIONS: ReadonlyMap<string, number> = new Map([['size', 1]]);
const UPDATE_FUNCTIONS: ReadonlyMap<string, number> = new Map([
  ['if_not_exists', 2],
  ['list_append', 2],
]);

/** The position of a function: a condition, an operand of one, the value to set, or within that value. */
export type Place = 'condition' | 'operand' | 'set-value' | 'set-operand';

/** @throws ExpressionProblem if there is no such function, or it is not allowed in this position */
export function checkPlace(name: string, place: Place): void {
  const inUpdate = place === 'set-value' || place === 'set-operand';
  const known = CONDITION_FUNCTIONS.has(name) || OPERAND_FUNCTIONS.has(name) || UPDATE_FUNCTIONS.has(name);
  if (!known) throw new ExpressionProblem(`Invalid function name; function: ${name}`);
  if (UPDATE_FUNCTIONS.has(name) !== inUpdate) {
    const kind = inUpdate ? 'an update' : 'a condition';
    throw new ExpressionProblem(`The function is not allowed in ${kind} expression; function: ${name}`);
  }
  const allowed = {
    condition: CONDITION_FUNCTIONS.has(name),
    operand: OPERAND_FUNCTIONS.has(name),
    'set-value': true,
    'set-operand': name !== 'list_append',
  };
  if (allowed[place]) return;
  throw new ExpressionProblem(`The function is not allowed to be used this way in an expression; function: ${name}`);
}

/** @throws ExpressionProblem */
export function checkOperandCount({ name, args }: CallNode): void {
  const expected = CONDITION_FUNCTIONS.get(name) ?? OPERAND_FUNCTIONS.get(name) ?? UPDATE_FUNCTIONS.get(name);
  if (args.length === expected) return;
  throw new ExpressionProblem(
    `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${args.length}`,
  );
}

/** The type of a value of a request. */
export const typeOf = (value: AttributeValue): TypeName | undefined => Object.keys(value)[0] as TypeName | undefined;

/** @throws ExpressionProblem if the type is known and not allowed */
export function checkOperandType(operator: string, type: TypeName | undefined, allowed: ReadonlySet<string>): void {
  if (type !== undefined && !allowed.has(type)) throw wrongOperandType(operator, type);
}

export const wrongOperandType = (operator: string, type: string): ExpressionProblem =>
  new ExpressionProblem(
    `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`,
  );

export const needsPath = (name: string): ExpressionProblem =>
  new ExpressionProblem(`Operator or function requires a document path; operator or function: ${name}`);
