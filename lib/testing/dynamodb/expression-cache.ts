import type { ExpressionContext } from './expression-parser/parse-expression.ts';

/** Gives the parsed expression, with the values themselves in it, or the text of a problem. */
export type ParseExpression = (text: string, options: { readonly context: ExpressionContext }) => unknown;

/** A parsed expression without its values, and the placeholders that its text uses. */
interface Template {
  readonly parsed: unknown;
  readonly names: readonly string[];
  readonly values: readonly string[];
}

/** Stands in a template for the value of a placeholder. */
class ValueSlot {
  readonly placeholder: string;

  constructor(placeholder: string) {
    this.placeholder = placeholder;
  }
}

/** A program has few expressions; one that writes its values into the text must not fill the memory. */
const MOST_TEMPLATES = 1_000;

/** What these say depends on values, not on their types alone. */
const DEPENDS_ON_VALUES = /between|attribute_type/i;

/**
 * Parses each expression once for its names and the types of its values, and puts other values in when it comes again:
 * parsing takes half of the engine's time otherwise.
 */
export function cacheExpressions(parse: ParseExpression): ParseExpression {
  const templates = new Map<string, Template>();

  const learn = (text: string, context: ExpressionContext): Template => {
    const { attrNames = {}, attrVals = {} } = context;
    const unusedAttrNames: Record<string, unknown> = { ...attrNames };
    const unusedAttrVals: Record<string, unknown> = { ...attrVals };
    const parsed = parse(text, { context: { ...context, unusedAttrNames, unusedAttrVals } });
    const slots = new Map<unknown, unknown>(
      Object.entries(attrVals).map(([placeholder, value]) => [value, new ValueSlot(placeholder)]),
    );
    return {
      parsed: copy(parsed, (node) => slots.get(node)),
      names: Object.keys(attrNames).filter((name) => !(name in unusedAttrNames)),
      values: Object.keys(attrVals).filter((name) => !(name in unusedAttrVals)),
    };
  };

  return (text, options) => {
    const { context } = options;
    if (DEPENDS_ON_VALUES.test(text)) return parse(text, options);
    const key = keyOf(text, context);
    const template = templates.get(key) ?? learn(text, context);
    if (templates.size >= MOST_TEMPLATES) templates.clear();
    templates.set(key, template);
    for (const name of template.names) delete context.unusedAttrNames[name];
    for (const name of template.values) delete context.unusedAttrVals[name];
    return copy(template.parsed, (node) =>
      node instanceof ValueSlot ? context.attrVals?.[node.placeholder] : undefined,
    );
  };
}

const keyOf = (text: string, { attrNames = {}, attrVals = {} }: ExpressionContext): string => {
  const types = Object.entries(attrVals).map(([placeholder, value]) => [placeholder, ...Object.keys(value)]);
  return JSON.stringify([text, attrNames, types]);
};

/** @param replace gives what stands in a node's place, or undefined */
function copy(node: unknown, replace: (node: unknown) => unknown): unknown {
  if (typeof node !== 'object' || node === null) return node;
  const replacement = replace(node);
  if (replacement !== undefined) return replacement;
  if (Array.isArray(node)) return node.map((member) => copy(member, replace));
  return Object.fromEntries(Object.entries(node).map(([name, member]) => [name, copy(member, replace)]));
}
