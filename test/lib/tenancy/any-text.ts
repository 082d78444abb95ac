import fc from 'fast-check';

const FIRST_SURROGATE = 0xd800;

/** Below the surrogates, or beyond the plane that they stand for. */
const character = fc.oneof(
  fc.constantFrom('#', ':', '1', 'a', '-', '\u0000'),
  fc.integer({ min: 0, max: FIRST_SURROGATE - 1 }).map((code) => String.fromCodePoint(code)),
  fc.integer({ min: 0x10000, max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
);

/** What a key may hold: any Unicode, and often the signs that keys are put together with. */
export const anyText: fc.Arbitrary<string> = fc.string({ unit: character, minLength: 1, maxLength: 12 });

/** Tenant ids, short and of few letters, so that one is often the beginning of another. */
export const tenantIds: fc.Arbitrary<string> = fc
  .string({ unit: fc.constantFrom('a', '1', '-'), maxLength: 4 })
  .map((rest) => `a${rest}`);
