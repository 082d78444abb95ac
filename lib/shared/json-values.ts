import { types } from 'node:util';
import { isPlainObject, memberPath, oddKindOf, type ValueProblem } from './plain-values.ts';

/**
 * Integers of a PutEvents `Detail` are signed 64-bit; JavaScript writes those below 1e21 with all their digits.
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
 */
const INTEGER_LIMIT = 2 ** 63;
const WRITTEN_WITH_EXPONENT = 1e21;

/** PutEvents takes JSON of 1,000 levels; the envelope takes one of them. @see INTEGER_LIMIT */
const MOST_LEVELS = 999;

/**
 * Everything in `value` that JSON, or the bus, would not carry as it is: `JSON.stringify` drops some of it without a
 * word (functions, symbols, NaN, a Set's members) and changes other things (Dates, class instances). Members that are
 * undefined are left out, and are no problem.
 *
 * @param dates 'as text' where a valid Date is no problem, since whoever reads takes its text
 * @returns all problems, in the order of the members; none when `JSON.parse(JSON.stringify(value))` is the same data
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
        refuse(path, 'is a whole number beyond 64 bits, which the bus does not take: write it as text');
      }
      return;
    }
    if (dates === 'as text' && types.isDate(current) && !Number.isNaN(current.getTime())) return;
    if (typeof current !== 'object' || !(Array.isArray(current) || isPlainObject(current))) {
      const { kind, mend } = oddKindOf(current);
      return refuse(path, `is ${kind}, which JSON cannot hold: ${mend}`);
    }
    if (around.includes(current)) return refuse(path, 'is within itself, which JSON cannot hold: leave it out');
    if (around.length >= MOST_LEVELS) return refuse(path, `is nested deeper than ${MOST_LEVELS} levels: flatten it`);
    around.push(current);
    for (const [member, inner] of Object.entries(current)) visit(inner, memberPath(path, member));
    around.pop();
  };

  visit(value, '');
  return problems;
}
