import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ExpressionContext,
  parseCondition,
  parseProjection,
  parseUpdate,
} from '../../../../lib/testing/dynamodb/expression-parser/parse-expression.ts';
import { readCondition } from '../../../../lib/testing/dynamodb/expression-parser/read-condition.ts';
import { readTokens, type TokenReader } from '../../../../lib/testing/dynamodb/expression-parser/token-reader.ts';
import { anyExpression } from './any-expression.ts';

const contextOf = (): ExpressionContext => ({
  attrNames: { '#n': 'name' },
  attrVals: { ':v': { N: '1' }, ':l': { L: [] } },
  unusedAttrNames: { '#n': true },
  unusedAttrVals: { ':v': true, ':l': true },
  isReserved: (name) => name.toUpperCase() === 'STATUS',
});

describe('the parser of expressions', () => {
  it('returns an expression or an error for 1,000 valid and malformed strings', () => {
    fc.assert(
      fc.property(anyExpression, (text) => {
        for (const parse of [parseCondition, parseUpdate, parseProjection]) {
          const parsed: object | string = parse(text, contextOf());
          if (typeof parsed === 'string') expect(parsed.length).toBeGreaterThan(10);
          else expect(parsed).toHaveProperty('nestedPaths');
        }
      }),
      { numRuns: 1000, seed: 20_261_130 },
    );
  });

  it.each([
    ['9 parentheses', `${'('.repeat(9)}a = b${')'.repeat(9)}`],
    ['2,000 parentheses', `${'('.repeat(2000)}a${')'.repeat(2000)}`],
    ['alternatives within each other', `a<b ${'OR (a<b '.repeat(149)}${')'.repeat(149)}`],
    ['operands in parentheses', `(a) = (b) AND ((a) < (b) OR (NOT (c) = (d)))`],
  ])('reads each token only a few times: %s', (_, text) => {
    const counted = countLooks(readTokens(text));
    let tokens = 0;
    for (const reader = readTokens(text); reader.next().kind !== 'end'; ) tokens++;

    try {
      readCondition(counted.reader);
    } catch {
      // what is wrong with it is another test's matter
    }

    expect(counted.looks()).toBeLessThan(40 * tokens);
  });
});

function countLooks(reader: TokenReader) {
  let looks = 0;
  const count = <Args extends unknown[], Result>(call: (...args: Args) => Result) => {
    return (...args: Args): Result => {
      looks++;
      return call(...args);
    };
  };
  const counting: TokenReader = {
    ...reader,
    peek: count(reader.peek),
    peekBeyond: count(reader.peekBeyond),
    next: count(reader.next),
    at: count(reader.at),
    take: count(reader.take),
    expect: count(reader.expect),
  };
  return { reader: counting, looks: () => looks };
}
