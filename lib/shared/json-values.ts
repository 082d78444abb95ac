import { types } from 'node:util';
import { isPlainObject, memberPath, oddKindOf, type ValueProblem } from './plain-values.ts';

/**
 * Integers of a PutEvents `Detail` are signed 64-bit; JavaScript writes those below 1e21 with all their digits.
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
 */
const INTEGER_LIMIT = 2 ** 63;
const WRITTEN_WITH_EXPONENT = 1e21;

/** PutEvents accepts JSON of 1,000 levels, and the envelope uses one. @see INTEGER_LIMIT */
const MOST_LEVELS = 999;

/**
 * Finds everything in `value` that JSON, or the bus, would change: `JSON.stringify` drops functions, symbols, NaN and
 * the members of a Set without an error, and converts Dates and class instances. Undefined members are omitted and are
 * not a problem.
 *
 * @param dates 'as text' accepts valid Dates, for readers that accept their text
 * @returns all problems, in the order of the members; empty if `JSON.parse(JSON.stringify(value))` is the same data
 */
export function jsonProblems(value: unknown, dates: 'refused' | 'as text' = 'refused'): readonly ValueProblem[] {
  const problems: ValueProblem[] = [];
  const around: object[] = [];
  const refuse = (path: string, message: string): undefined => void problems.push({ path, message });

  const visit = (current: unknown, path: string): undefined => {
    if (current === undefined || current === null) return;
    if (typeof current === 'string' || typeof current === 'boolean') return;
    if (typeof current === 'number' && Number.isFinite(current)) {
      const size = Math.abs(current);
      if (size >= INTEGER_LIMIT && size < WRITTEN_WITH_EXPONENT) {
        refuse(path, 'is a whole number beyond 64 bits, which the bus does not accept: write it as text');
      }
      return;
    }
    if (dates === 'as text' && types.isDate(current) && !Number.isNaN(current.getTime())) return;
    if (typeof current !== 'object' || !(Array.isArray(current) || isPlainObject(current))) {
      const { kind, mend } = oddKindOf(current);
      return refuse(path, `is ${kind}, which JSON cannot represent: ${mend}`);
    }
    if (around.includes(current)) return refuse(path, 'contains itself, which JSON cannot represent: leave it out');
    if (around.length >= MOST_LEVELS) return refuse(path, `is nested deeper than ${MOST_LEVELS} levels: flatten it`);
    around.push(current);
    for (const [member, inner] of Object.entries(current)) visit(inner, memberPath(path, member));
    around.pop();
  };

  visit(value, '');
  return problems;
}
