import type { ExpressionContext } from './expression-parser/parse-expression.ts';

/** Returns the parsed expression, which contains the values themselves, or the text of a problem. */
export type ParseExpression<Parsed> = (text: string, context: ExpressionContext) => Parsed;

type Values = Readonly<Record<string, unknown>>;

/** Creates a parsed expression, or a part of one, with the values of a request. */
type Build = (values: Values) => unknown;

/** A parsed expression without its values, and the placeholders that its text uses. */
interface Template {
  readonly build: Build;
  readonly names: readonly string[];
  readonly values: readonly string[];
}

/** Programs have few expressions. The limit protects memory if a program writes values into the text. */
const MOST_TEMPLATES = 1_000;

/** The validity of these depends on values, not only on their types. */
const DEPENDS_ON_VALUES = /between|attribute_type/i;

/**
 * Parses each expression once for its names and the types of its values, and inserts other values when it is used
 * again, because parsing would take half of the engine's time. Parsed expressions share all parts except values, and
 * MUST NOT be changed.
 */
export function cacheExpressions<Parsed>(parse: ParseExpression<Parsed>): ParseExpression<Parsed> {
  const templates = new Map<string, Template>();

  const learn = (text: string, context: ExpressionContext): Template => {
    const { attrNames = {}, attrVals = {} } = context;
    const unusedAttrNames: Record<string, unknown> = { ...attrNames };
    const unusedAttrVals: Record<string, unknown> = { ...attrVals };
    const parsed = parse(text, { ...context, unusedAttrNames, unusedAttrVals });
    const placeholders = new Map<unknown, string>(
      Object.entries(attrVals).map(([placeholder, value]) => [value, placeholder]),
    );
    return {
      build: compile(parsed, placeholders) ?? (() => parsed),
      names: Object.keys(attrNames).filter((name) => !(name in unusedAttrNames)),
      values: Object.keys(attrVals).filter((name) => !(name in unusedAttrVals)),
    };
  };

  return (text, context) => {
    const key = keyOf(text, context);
    let template = templates.get(key);
    if (template === undefined) {
      if (DEPENDS_ON_VALUES.test(text)) return parse(text, context);
      template = learn(text, context);
      if (templates.size >= MOST_TEMPLATES) templates.clear();
      templates.set(key, template);
    }
    for (const name of template.names) delete context.unusedAttrNames[name];
    for (const name of template.values) delete context.unusedAttrVals[name];
    // a copy of the result of `parse`, with other values
    return template.build(context.attrVals ?? {}) as Parsed;
  };
}

/** The lengths make the key unique. */
function keyOf(text: string, { attrNames, attrVals }: ExpressionContext): string {
  let key = `${text.length}:${text}`;
  for (const placeholder in attrNames) {
    const name = attrNames[placeholder] ?? '';
    key += ` ${placeholder} ${name.length}:${name}`;
  }
  for (const placeholder in attrVals) {
    key += ` ${placeholder}`;
    for (const type in attrVals[placeholder]) key += ` ${type}`;
  }
  return key;
}

/** @returns undefined for a part without values */
function compile(node: unknown, placeholders: ReadonlyMap<unknown, string>): Build | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  const placeholder = placeholders.get(node);
  if (placeholder !== undefined) return (values) => values[placeholder];
  if (Array.isArray(node)) {
    const builds = node.map((member) => compile(member, placeholders));
    if (builds.every((build) => build === undefined)) return undefined;
    return (values) => node.map((member, at) => builds[at]?.(values) ?? member);
  }
  const parts = Object.entries(node).flatMap(([name, member]) => {
    const build = compile(member, placeholders);
    return build === undefined ? [] : [{ name, build }];
  });
  if (parts.length === 0) return undefined;
  return (values) => {
    const copy: Record<string, unknown> = { ...node };
    for (const { name, build } of parts) copy[name] = build(values);
    return copy;
  };
}
