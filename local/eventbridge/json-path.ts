import { isJsonObject, validationError } from './members.ts';

/** Reads one value, or undefined where the path leads nowhere; with `*` in the path, a list of the values found. */
export type JsonPath = (document: unknown) => unknown;

type Step = string | number | typeof EVERY;

const EVERY = Symbol('every element or member');
const STEP = /\.\*|\[\*\]|\.([\w/-]+)|\[(\d+)\]/y;

/**
 * Compiles the subset of JSONPath that targets know: dots, array indexes and `*`.
 * @returns undefined when `path` is not of that subset.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
 */
export function compileJsonPath(path: string): JsonPath | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps: Step[] = [];
  for (let position = 1; position < path.length; position = STEP.lastIndex) {
    STEP.lastIndex = position;
    const match = STEP.exec(path);
    if (match === null) return undefined;
    const [, name, index] = match;
    steps.push(name ?? (index === undefined ? EVERY : Number(index)));
  }
  if (!steps.includes(EVERY)) return (document) => steps.reduce(take, document);
  return (document) => {
    const found = steps.reduce<readonly unknown[]>(
      (values, step) => values.flatMap((value) => spread(value, step)),
      [document],
    );
    return found.length === 0 ? undefined : found;
  };
}

function spread(value: unknown, step: Step): readonly unknown[] {
  if (step === EVERY) return typeof value === 'object' && value !== null ? Object.values(value) : [];
  const taken = take(value, step);
  return taken === undefined ? [] : [taken];
}

function take(value: unknown, step: Step): unknown {
  if (typeof step === 'number') return Array.isArray(value) ? value[step] : undefined;
  return typeof step === 'string' && isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

/** @throws AwsError `ValidationException`, naming the setting and what a path may consist of. */
export function requireJsonPath(path: string, setting: string): JsonPath {
  const compiled = compileJsonPath(path);
  if (compiled === undefined) {
    throw validationError(
      `Invalid ${setting} : '${path}' is not a JSON path; allowed are $, dots with names of letters, digits, - _ /, array indexes such as [0], and *.`,
    );
  }
  return compiled;
}
