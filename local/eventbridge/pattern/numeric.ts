/** The range that EventBridge's numeric comparison covers. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
const LARGEST_NUMBER = 5_000_000_000;

/**
 * A test from the list of a `numeric` matcher: `['=', 3]`, `['<', 10]`, `['>', 0, '<=', 5]`.
 * @throws RangeError for anything else.
 */
export function compileNumeric(terms: readonly unknown[]): (value: number) => boolean {
  const [operator, operand, upperOperator, upperOperand] = terms;
  if (typeof operator !== 'string') throw new RangeError(`Invalid member in numeric match: ${String(operator)}`);
  const first = compareWith(operator, operand);
  if (terms.length <= 2) return first;
  if (operator !== '>' && operator !== '>=') throw new RangeError('Too many elements in numeric expression');
  if (upperOperator !== '<' && upperOperator !== '<=') {
    throw new RangeError(`Bad numeric range operator: ${String(upperOperator)}`);
  }
  const second = compareWith(upperOperator, upperOperand);
  if (terms.length > 4) throw new RangeError('Too many terms in numeric range expression');
  if (Number(operand) >= Number(upperOperand)) throw new RangeError('Bottom must be less than top');
  return (value) => first(value) && second(value);
}

function compareWith(operator: string, operand: unknown): (value: number) => boolean {
  const compare = COMPARISONS.get(operator);
  if (compare === undefined) throw new RangeError(`Unrecognized numeric range operator: ${operator}`);
  if (typeof operand !== 'number') {
    throw new RangeError(`Value of ${operator === '=' ? 'equals' : operator} must be numeric`);
  }
  if (Math.abs(operand) > LARGEST_NUMBER) {
    throw new RangeError(`Value must be between -5.0E9 and 5.0E9, inclusive, but was ${operand}`);
  }
  return (value) => compare(value, operand);
}

const COMPARISONS: ReadonlyMap<string, (value: number, operand: number) => boolean> = new Map([
  ['=', (value, operand) => value === operand],
  ['<', (value, operand) => value < operand],
  ['<=', (value, operand) => value <= operand],
  ['>', (value, operand) => value > operand],
  ['>=', (value, operand) => value >= operand],
]);
