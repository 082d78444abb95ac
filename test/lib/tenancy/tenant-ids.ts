import fc from 'fast-check';

/** Short ones of few letters, so that one is often the beginning of another. */
export const tenantIds: fc.Arbitrary<string> = fc
  .string({ unit: fc.constantFrom('a', '1', '-'), maxLength: 4 })
  .map((rest) => `a${rest}`);
