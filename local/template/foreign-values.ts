import type { Scope } from './intrinsics.ts';

/**
 * What a stack got from other stacks when it was created or updated last. They may give other values by now, or none; the
 * stack keeps those that it has.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
 */
export type ForeignValues = ReadonlyMap<string, unknown>;

const exportKey = (name: string) => JSON.stringify([name]);
const outputKey = (stackName: string, outputName: string) => JSON.stringify([stackName, outputName]);

/** The same scope, which notes what it gives from other stacks. */
export function notingForeign(scope: Scope, noted: Map<string, unknown>): Scope {
  const note = (key: string, value: unknown) => {
    noted.set(key, value);
    return value;
  };
  return {
    ...scope,
    importValue: (name) => note(exportKey(name), scope.importValue(name)),
    stackOutput: (...output) => note(outputKey(...output), scope.stackOutput(...output)),
  };
}

/** The same scope with the values that were noted. */
export function withForeign(scope: Scope, noted: ForeignValues): Scope {
  const recall = (key: string, ask: () => unknown) => (noted.has(key) ? noted.get(key) : ask());
  return {
    ...scope,
    importValue: (name) => recall(exportKey(name), () => scope.importValue(name)),
    stackOutput: (...output) => recall(outputKey(...output), () => scope.stackOutput(...output)),
  };
}
