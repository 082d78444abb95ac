import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileEventPattern } from '../../../local/eventbridge/pattern/event-pattern.ts';

const accepts = (matcher: unknown, value: unknown) =>
  compileEventPattern(JSON.stringify({ field: [matcher] }))({ field: value });

/** Short texts over few characters, so that literals and wildcards do meet. */
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '*', '\\', '.'), maxLength: 6 });
const leaf = fc.oneof(text, fc.integer({ min: -3, max: 3 }), fc.boolean(), fc.constant(null));
const number = fc.integer({ min: -5, max: 5 });

describe('event pattern properties', () => {
  it('a wildcard matches what the same regular expression matches', () => {
    const parts = fc.array(text, { minLength: 1, maxLength: 4 });
    // an empty literal between two wildcards would put them side by side
    const wildcards = parts.filter((literals) => literals.slice(1, -1).every((literal) => literal !== ''));
    const asLiteral = (literal: string) => literal.replace(/[\\*]/g, '\\$&');
    const toExpression = (literals: readonly string[]) =>
      new RegExp(`^${literals.map((literal) => literal.replace(/[.*\\]/g, '\\$&')).join('.*')}$`, 's');

    fc.assert(
      fc.property(wildcards, text, (literals, value) => {
        expect(accepts({ wildcard: literals.map(asLiteral).join('*') }, value)).toBe(
          toExpression(literals).test(value),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('a wildcard matches every text that is made by filling it in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 5 }),
        fc.array(text),
        (literals, fillings) => {
          const value = literals.map(
            (literal, index) => literal + (index < literals.length - 1 ? (fillings[index] ?? '') : ''),
          );

          expect(accepts({ wildcard: literals.join('*') }, value.join(''))).toBe(true);
        },
      ),
    );
  });

  it('anything-but is the complement of its operand on every leaf', () => {
    const texts = fc.array(
      text.filter((one) => one !== ''),
      { minLength: 1, maxLength: 3 },
    );
    const operand = fc.oneof(
      texts.map((values) => ({ excluded: values, matchers: values as unknown[] })),
      fc
        .array(number, { minLength: 1, maxLength: 3 })
        .map((values) => ({ excluded: values, matchers: values as unknown[] })),
      fc.tuple(fc.constantFrom('prefix', 'suffix', 'equals-ignore-case'), texts).map(([operator, values]) => ({
        excluded: { [operator]: values },
        matchers: values.map((value): unknown => ({ [operator]: value })),
      })),
    );

    fc.assert(
      fc.property(operand, leaf, ({ excluded, matchers }, value) => {
        const matched = matchers.some((matcher) => accepts(matcher, value));

        expect(accepts({ 'anything-but': excluded }, value)).toBe(!matched);
      }),
      { numRuns: 1_000 },
    );
  });

  it('a numeric range is the intersection of its two sides', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('>', '>='),
        fc.constantFrom('<', '<='),
        fc.tuple(number, number).filter(([bottom, top]) => bottom < top),
        number,
        (lower, upper, [bottom, top], value) => {
          const both = accepts({ numeric: [lower, bottom] }, value) && accepts({ numeric: [upper, top] }, value);

          expect(accepts({ numeric: [lower, bottom, upper, top] }, value)).toBe(both);
        },
      ),
    );
  });

  it('every event matches either exists true or exists false', () => {
    const event = fc.object({ key: fc.constantFrom('field', 'other'), maxDepth: 3 });

    fc.assert(
      fc.property(event, (anyEvent) => {
        const parsed: object = JSON.parse(JSON.stringify(anyEvent));
        const present = compileEventPattern('{"field":[{"exists":true}]}')(parsed);
        const absent = compileEventPattern('{"field":[{"exists":false}]}')(parsed);

        expect(present).toBe(!absent);
      }),
    );
  });

  it('$or over branches equals the union of its branches', () => {
    const branch = fc.dictionary(fc.constantFrom('a', 'b'), fc.array(number, { minLength: 1, maxLength: 3 }), {
      minKeys: 1,
    });
    const event = fc.record({ a: number, b: number, c: number }, { requiredKeys: [] });

    fc.assert(
      fc.property(fc.array(branch, { minLength: 2, maxLength: 4 }), number, event, (branches, c, anyEvent) => {
        const whole = compileEventPattern(JSON.stringify({ c: [c], $or: branches }))(anyEvent);
        const union = branches.some((one) => compileEventPattern(JSON.stringify({ c: [c], ...one }))(anyEvent));

        expect(whole).toBe(union);
      }),
    );
  });

  it('two fields of array elements match exactly when one element has both', () => {
    const elements = fc.array(fc.record({ a: number, b: number }, { requiredKeys: [] }), { maxLength: 5 });

    fc.assert(
      fc.property(elements, number, number, (list, a, b) => {
        const matched = compileEventPattern(JSON.stringify({ list: { a: [a], b: [b] } }))({ list });

        expect(matched).toBe(list.some((element) => element.a === a && element.b === b));
      }),
    );
  });

  it('an IPv4 block holds exactly the addresses that share its bits', () => {
    const bits32 = fc.integer({ min: 0, max: 0xffff_ffff });
    const dotted = (address: number) => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');

    fc.assert(
      fc.property(bits32, bits32, fc.integer({ min: 0, max: 32 }), (network, address, bits) => {
        const mask = bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0;
        const inside = (network & mask) >>> 0 === (address & mask) >>> 0;

        expect(accepts({ cidr: `${dotted(network)}/${bits}` }, dotted(address))).toBe(inside);
        expect(accepts({ cidr: `${dotted(network)}/${bits}` }, dotted(network))).toBe(true);
      }),
    );
  });

  it('never throws anything but a refusal, whatever the pattern', () => {
    fc.assert(
      fc.property(fc.json(), fc.object(), (pattern, event) => {
        try {
          expect(compileEventPattern(pattern)(event)).toBeTypeOf('boolean');
        } catch (error) {
          expect(error).toMatchObject({ code: 'InvalidEventPatternException' });
        }
      }),
    );
  });
});
