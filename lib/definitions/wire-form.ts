/** The definition of a zod 4 schema (classic and mini); other libraries do not have it. */
interface ZodDefinition {
  readonly type?: unknown;
  readonly coerce?: unknown;
  readonly shape?: unknown;
  readonly element?: unknown;
  readonly items?: unknown;
  readonly rest?: unknown;
  readonly options?: unknown;
  readonly left?: unknown;
  readonly right?: unknown;
  readonly keyType?: unknown;
  readonly valueType?: unknown;
  readonly innerType?: unknown;
  readonly in?: unknown;
}

/** Types that no JSON value matches, and what to use instead. */
const NEVER_JSON: Readonly<Record<string, string>> = {
  date: 'a Date: write z.iso.datetime(), with .transform((text) => new Date(text)) where handlers are to get a Date',
  bigint: 'a BigInt: write z.string(), with .transform(BigInt) where handlers are to get a BigInt',
  map: 'a Map: write z.record(…)',
  set: 'a Set: write z.array(…)',
  symbol: 'a symbol: write z.string() or z.enum(…)',
  nan: 'NaN: write z.null()',
  file: 'a File: store it, and write its address',
  function: 'a function: leave it out',
};

/**
 * Finds the parts of a schema that no JSON value matches, such as a Date, a Map or a BigInt. Works for zod schemas,
 * except inside `z.lazy`. Schemas of other libraries are checked only when an event is published.
 */
export function partsNoJsonSatisfies(schema: unknown): readonly string[] {
  const seen = new Set<unknown>();
  const visit = (current: unknown, path: string): readonly string[] => {
    const definition = definitionOf(current);
    if (definition === undefined || seen.has(current)) return [];
    seen.add(current);
    const inside = (inner: unknown, ...keys: readonly string[]) =>
      visit(inner, [path, ...keys].filter(Boolean).join('.'));
    switch (definition.type) {
      case 'object':
        return Object.entries(definition.shape ?? {}).flatMap(([member, inner]) => inside(inner, member));
      case 'array':
        return inside(definition.element, '[]');
      case 'tuple':
        return [
          ...listOf(definition.items).flatMap((item, index) => inside(item, String(index))),
          ...inside(definition.rest, '[]'),
        ];
      case 'record':
        return inside(definition.valueType, '*');
      case 'union': {
        const options = listOf(definition.options).map((option) => inside(option));
        // one option that matches JSON is enough
        return options.some((problems) => problems.length === 0) ? [] : options.flat();
      }
      case 'intersection':
        return [...inside(definition.left), ...inside(definition.right)];
      case 'pipe':
        return inside(definition.in);
      default: {
        if (definition.innerType !== undefined) return inside(definition.innerType);
        const kind =
          typeof definition.type === 'string' && Object.hasOwn(NEVER_JSON, definition.type)
            ? NEVER_JSON[definition.type]
            : undefined;
        // a coerced schema accepts a string or a number
        if (kind === undefined || definition.coerce === true) return [];
        return [`${path === '' ? 'the data' : `'${path}'`} must not be ${kind}`];
      }
    }
  };
  try {
    return visit(schema, '');
  } catch {
    // a reference to a schema that does not exist yet; checked when an event is published
    return [];
  }
}

const definitionOf = (schema: unknown): ZodDefinition | undefined =>
  (schema as { readonly _zod?: { readonly def?: ZodDefinition } } | undefined)?._zod?.def;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
