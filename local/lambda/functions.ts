import { realpathSync } from 'node:fs';
import type { AsyncSettings } from './async-settings.ts';
import { checkFunction, type FunctionConfiguration } from './configuration.ts';
import { functionNotFound, invalidParameter, resourceConflict } from './errors.ts';
import type { FunctionPool, InvokedVersion } from './function-pool.ts';
import { type FunctionReference, parseFunctionReference } from './function-reference.ts';
import { createQualifiers, type Qualifiers } from './qualifiers.ts';

interface LambdaFunction {
  readonly pool: FunctionPool;
  readonly qualifiers: Qualifiers;
  /** By qualifier. */
  readonly asyncSettings: Map<string, AsyncSettings>;
}

/** A function by whatever name somebody called it. */
export interface NamedFunction extends FunctionReference {
  readonly function: LambdaFunction;
  /** As it was named: without `$LATEST`. */
  readonly arn: string;
  /** Which version runs now; an alias with weights may say another the next time. */
  choose(): InvokedVersion;
}

export interface Functions {
  /** @throws AwsError InvalidParameterValueException, ResourceConflictException */
  create(configuration: FunctionConfiguration): void;
  /** @throws AwsError InvalidParameterValueException, ResourceNotFoundException */
  update(configuration: FunctionConfiguration): void;
  /**
   * Gives functions other code, with all else as it is.
   * @param codeOf the folder of a function's code, by the one that it has; undefined leaves it
   * @returns the names of those that have other code now
   */
  replaceCode(codeOf: (codeFolder: string) => string | undefined): readonly string[];
  /** Invocations that it has accepted come to their end. @throws AwsError ResourceNotFoundException */
  remove(functionName: string): void;
  /**
   * @param reference a name or an ARN, with a qualifier or without.
   * @throws AwsError ResourceNotFoundException, InvalidParameterValueException
   */
  find(reference: string | FunctionReference): NamedFunction;
  list(): readonly LambdaFunction[];
  /** Those of deleted functions too, as long as they are at work. */
  pools(): readonly FunctionPool[];
}

export function createFunctions(deps: {
  readonly functionArn: (functionName: string) => string;
  readonly random: () => number;
  readonly openPool: (configuration: FunctionConfiguration) => FunctionPool;
}): Functions {
  const { functionArn, random, openPool } = deps;
  const functions = new Map<string, LambdaFunction>();
  const leaving = new Set<FunctionPool>();

  const checked = (given: FunctionConfiguration): FunctionConfiguration => {
    checkFunction(given);
    // modules know themselves by their real path
    return { ...given, codeFolder: realpathSync(given.codeFolder) };
  };

  const find = (reference: string | FunctionReference): NamedFunction => {
    const parsed = typeof reference === 'string' ? parseFunctionReference(reference) : reference;
    if (parsed === undefined) throw invalidParameter(`FunctionName '${reference}' is no function's name or ARN`);
    const { functionName, qualifier } = parsed;
    const known = functions.get(functionName);
    const arn = `${functionArn(functionName)}${qualifier === undefined ? '' : `:${qualifier}`}`;
    if (known === undefined) throw functionNotFound(arn);
    if (qualifier !== undefined && !known.qualifiers.has(qualifier)) throw functionNotFound(arn);
    const choose = () => ({ version: known.qualifiers.versionOf(qualifier), invokedFunctionArn: arn });
    return { function: known, functionName, qualifier, arn, choose };
  };

  return {
    create(given) {
      const configuration = checked(given);
      const { functionName } = configuration;
      if (functions.has(functionName)) throw resourceConflict(`Function already exist: ${functionName}`);
      functions.set(functionName, {
        pool: openPool(configuration),
        qualifiers: createQualifiers(functionArn(functionName), random),
        asyncSettings: new Map(),
      });
    },
    update(given) {
      const configuration = checked(given);
      find(configuration.functionName).function.pool.update(configuration);
    },
    replaceCode(codeOf) {
      const changed = [...functions].flatMap(([functionName, { pool }]) => {
        const { codeFolder } = pool.configuration;
        const next = codeOf(codeFolder);
        if (next === undefined || next === codeFolder) return [];
        pool.update(checked({ ...pool.configuration, codeFolder: next }));
        return [functionName];
      });
      return changed;
    },
    remove(functionName) {
      const { pool } = find(functionName).function;
      functions.delete(functionName);
      leaving.add(pool);
      void pool.drain(() => functionNotFound(functionArn(functionName))).finally(() => leaving.delete(pool));
    },
    find,
    list: () => [...functions.values()],
    pools: () => [...[...functions.values()].map(({ pool }) => pool), ...leaving],
  };
}
