import fc from 'fast-check';

/** Texts that look like expressions, and are seldom valid. */
export const anyExpression = fc
  .array(
    fc.oneof(
      {
        weight: 9,
        arbitrary: fc.constantFrom('a', 'b.c', 'l[0]', '#n', ':v', ':l', '(', ')', ',', '=', '<', '<>', '.'),
      },
      { weight: 6, arbitrary: fc.constantFrom('AND', 'OR', 'NOT', 'BETWEEN', 'IN', 'SET', 'REMOVE', 'ADD', 'DELETE') },
      { weight: 3, arbitrary: fc.constantFrom('size(', 'contains(', 'if_not_exists(', 'list_append(', 'f(', '+', '-') },
      {
        weight: 2,
        arbitrary: fc.constantFrom('_', '[', ']', '#', ':', '99999999999', 'status', '__proto__', '"', 'ü'),
      },
      { weight: 1, arbitrary: fc.string() },
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(' '));
