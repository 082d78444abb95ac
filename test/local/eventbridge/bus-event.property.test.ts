import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactJson } from '../../../local/eventbridge/bus-event.ts';

describe('compactJson', () => {
  it('removes every space between tokens and none inside strings', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', '\n', '\t', '\u00e9', '{', ':') });
    const value = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.integer(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(text, tie('value'), { maxKeys: 3 }),
      ),
    })).value;

    fc.assert(
      fc.property(value, fc.constantFrom(1, 4, '\t'), (anyValue, indent) => {
        expect(compactJson(JSON.stringify(anyValue, undefined, indent))).toBe(JSON.stringify(anyValue));
      }),
      { numRuns: 500 },
    );
  });

  it('accepts a string of one megabyte', () => {
    const json = `{ "p" : "${'x\\n'.repeat(340_000)}" }`;

    expect(compactJson(json)).toHaveLength(json.length - 4);
  });
});
