import type { RequestContext } from './request-context.ts';

/** Whether a value of the request matches what a policy says, its policy variables filled in from the request. */
export type Pattern = (value: string, context: RequestContext) => boolean;

type FixedPattern = (value: string) => boolean;

const VARIABLE = /\$\{([^}]+)\}/g;
/** `${*}`, `${?}` and `${$}` stand for the character itself. */
const ESCAPED = new Set(['*', '?', '$']);
const ARN_PARTS = 6;

/** `*` stands for any characters, `?` for one. */
export const wildcardPattern = (text: string): Pattern => withVariables(text, compileWildcard);

/** Each of the six parts of an ARN is compared by itself: a wildcard does not reach over a colon before the last part. */
export const arnPattern = (text: string): Pattern => withVariables(text, compileArn);

/** No wildcards: `*` is a character like any other. */
export const literalPattern = (text: string): Pattern =>
  withVariables(text, (filled) => (value) => value === withoutEscapes(filled));

/** Case is ignored in action names. */
export function actionPattern(text: string): FixedPattern {
  const matches = compileWildcard(text.toLowerCase());
  return (action) => matches(action.toLowerCase());
}

/** The names of the policy variables in a text: `aws:PrincipalArn`. */
export const variablesIn = (text: string): readonly string[] =>
  [...text.matchAll(VARIABLE)].map(([, name = '']) => name).filter((name) => !ESCAPED.has(name));

export const isArnPattern = (text: string): boolean => text === '*' || splitArn(text).length === ARN_PARTS;

function withVariables(text: string, compile: (filled: string) => FixedPattern): Pattern {
  if (variablesIn(text).length === 0) return compile(text);
  return (value, context) => {
    const filled = fillVariables(text, context);
    return filled !== undefined && compile(filled)(value);
  };
}

/** A text of a policy with its variables filled in; undefined where the request has no value, or several, for one. */
export const filledText = (text: string, context: RequestContext): string | undefined => {
  const filled = fillVariables(text, context);
  return filled === undefined ? undefined : withoutEscapes(filled);
};

/** Undefined when the request has no value, or several, for a variable: nothing matches then. */
function fillVariables(text: string, context: RequestContext): string | undefined {
  let isComplete = true;
  const filled = text.replace(VARIABLE, (whole, name: string) => {
    if (ESCAPED.has(name)) return whole;
    const [value, ...more] = context(name.toLowerCase()) ?? [];
    if (value === undefined || more.length > 0) isComplete = false;
    return (value ?? '').replace(/[*?$]/g, (special) => `\${${special}}`);
  });
  return isComplete ? filled : undefined;
}

function compileWildcard(text: string): FixedPattern {
  if (text === '*') return () => true;
  if (!/[*?]|\$\{\$\}/.test(text)) return (value) => value === text;
  const source = text.replace(/\$\{([*?$])\}|[*?]|[^*?]/gs, (token, escaped?: string) => {
    if (token === '*') return '.*';
    if (token === '?') return '.';
    return (escaped ?? token).replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  });
  const expression = new RegExp(`^${source}$`, 's');
  return (value) => expression.test(value);
}

function compileArn(text: string): FixedPattern {
  if (text === '*') return () => true;
  const parts = splitArn(text).map(compileWildcard);
  return (arn) => {
    const values = splitArn(arn);
    return values.length === parts.length && parts.every((matches, index) => matches(values[index] ?? ''));
  };
}

/** The sixth part keeps its colons. */
function splitArn(arn: string): readonly string[] {
  const parts = arn.split(':');
  return parts.length <= ARN_PARTS ? parts : [...parts.slice(0, ARN_PARTS - 1), parts.slice(ARN_PARTS - 1).join(':')];
}

const withoutEscapes = (text: string): string => text.replace(/\$\{([*?$])\}/g, '$1');
