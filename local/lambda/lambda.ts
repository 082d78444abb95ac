import type { MovableClock } from '../clock.ts';
import type { RestService } from '../endpoint/service.ts';
import type { RunLog } from '../log.ts';
import { type AsyncSettings, checkAsyncSettings } from './async-settings.ts';
import { createConcurrency, inTurn } from './concurrency.ts';
import type { FunctionConfiguration } from './configuration.ts';
import { createEnvironmentStarter } from './environment-starter.ts';
import type { Credentials } from './environment-variables.ts';
import { hostClosed } from './errors.ts';
import type { LambdaFaults } from './faults.ts';
import { createFunctionPool, type EnvironmentWaits, type Request } from './function-pool.ts';
import { createFunctions } from './functions.ts';
import type { InvokeResult } from './invocation.ts';
import { createInvoker } from './invoker.ts';
import type { EventSourceMappingConfiguration } from './mappings/configuration.ts';
import type { PutObject } from './mappings/failure-destination.ts';
import { createMappingRegistry } from './mappings/mapping-registry.ts';
import type { EventSources } from './mappings/runner-opener.ts';
import { type Alias, LATEST } from './qualifiers.ts';
import { createLambdaApi } from './rest-api.ts';
import { checkStarts } from './start-check.ts';
import { createStartFailures, type StartFailures } from './start-failures.ts';

export interface LambdaOptions {
  readonly clock: MovableClock;
  readonly region: string;
  readonly accountId: string;
  readonly log: RunLog;
  /** Where the functions find all services; asked when an environment starts. */
  readonly endpointUrl: () => string;
  readonly credentialsOf: (roleArn: string, functionName: string) => Credentials;
  readonly newId: () => string;
  /** From 0 up to, not including, 1: which version an alias with weights takes. */
  readonly random: () => number;
  /** Makes a matcher of a mapping's filter pattern; throws on a pattern that is none. */
  readonly compileEventPattern: (pattern: string) => (event: object) => boolean;
  /** For on-failure destinations in S3. @default a bucket as destination is refused */
  readonly putObject?: PutObject;
  /** What a function writes, line by line, all of it before its invocation's result is given. */
  readonly onLogLine?: (functionName: string, line: string) => void;
  readonly faults?: LambdaFaults;
  /**
   * Environments of one function at most. AWS would start as many as its concurrency limits allow; on one machine more
   * threads than cores only slow each other, so further invocations wait for a free environment instead. @default 10
   */
  readonly mostEnvironments?: number;
  /** How long an invocation waits for an environment at work. @default - 60 ms, and 500 ms for the first one */
  readonly waits?: EnvironmentWaits;
  /**
   * Invocations by mappings at a time, of all functions together. More than the machine's cores can serve would only run
   * into their time-outs, which on AWS, with a machine for each, they do not; further batches wait for their turn.
   * @default no limit
   */
  readonly mostFromMappings?: number;
  /** Executions of all functions at a time; more are throttled. @default 1,000 */
  readonly accountConcurrency?: number;
}

export interface Lambda {
  /** The API of Lambda, as far as a run needs it. */
  readonly service: RestService;
  readonly functionArn: (functionName: string) => string;
  /** Functions whose code cannot be loaded. */
  readonly startFailures: StartFailures;
  /** @throws AwsError InvalidParameterValueException, ResourceConflictException */
  createFunction(configuration: FunctionConfiguration): void;
  /**
   * Gives the function, all its versions included, other code and settings; its name stays.
   * @throws AwsError InvalidParameterValueException, ResourceNotFoundException
   */
  updateFunction(configuration: FunctionConfiguration): void;
  /**
   * Gives functions other code, with all else as it is; invocations under way end with the old code.
   * @param codeOf the folder of a function's code, by the real path of the one that it has; undefined leaves it
   * @returns the names of those that have other code now
   */
  replaceCode(codeOf: (codeFolder: string) => string | undefined): readonly string[];
  /**
   * Loads the code of all functions once, and tells `startFailures` what cannot be loaded: before an event has to wait for it.
   * Resolves once all are loaded, or the engine is closed.
   */
  checkStarts(): Promise<void>;
  /** Its versions and aliases go with it; invocations that it has accepted come to their end. @throws AwsError ResourceNotFoundException */
  deleteFunction(functionName: string): void;
  /** Gives the number of the new version. @throws AwsError ResourceNotFoundException */
  publishVersion(functionName: string): string;
  /** @throws AwsError ResourceNotFoundException, ResourceConflictException, InvalidParameterValueException */
  createAlias(functionName: string, alias: Alias): void;
  /** @throws AwsError ResourceNotFoundException, InvalidParameterValueException */
  updateAlias(functionName: string, alias: Alias): void;
  deleteAlias(functionName: string, name: string): void;
  /** @throws AwsError ResourceConflictException while an alias leads to it */
  deleteVersion(functionName: string, version: string): void;
  /**
   * How events for the function, by the qualifier of the reference, are tried again, and where they end.
   * @throws AwsError ResourceNotFoundException, InvalidParameterValueException
   */
  configureAsync(reference: string, settings: AsyncSettings): void;
  /** Back to the defaults. @throws AwsError ResourceNotFoundException */
  removeAsync(reference: string): void;
  /**
   * Runs the function and waits for its result.
   * @param reference a name or an ARN, with a version or an alias or without.
   * @param cause trace header of the invocation that asks for this one.
   * @throws AwsError ResourceNotFoundException, TooManyRequestsException, RecursiveInvocationException
   */
  invoke(reference: string, payload: string, cause?: string): Promise<InvokeResult>;
  /**
   * Hands an event over and answers at once; unless configured otherwise, a failed one is tried twice more, a throttled
   * one for six hours.
   * @throws AwsError ResourceNotFoundException
   */
  invokeAsync(reference: string, payload: string, cause?: string): void;
  /** @throws AwsError InvalidParameterValueException, ResourceNotFoundException, ResourceConflictException */
  createEventSourceMapping(configuration: EventSourceMappingConfiguration): Promise<{ readonly uuid: string }>;
  /**
   * The mapping goes on where it was, with other settings, once what is at the function has come to its end.
   * @throws AwsError InvalidParameterValueException, ResourceNotFoundException, ResourceConflictException
   */
  updateEventSourceMapping(uuid: string, configuration: EventSourceMappingConfiguration): Promise<void>;
  /** Settles when what is at the function has come to its end. @throws AwsError ResourceNotFoundException */
  deleteEventSourceMapping(uuid: string): Promise<void>;
  /** Kills the environments of the function that run an invocation now, as a lost machine would; gives their number. */
  crash(functionName: string): number;
  /** Work under way: events that wait for a retry count as invocations, records that do as a busy mapping (its UUID). */
  activity(): { readonly invocations: number; readonly busyMappings: readonly string[] };
  /** Invocations that go on only when time passes: of frozen workers, and events that wait for a retry. */
  waitingForTime(): number;
  /**
   * Stops the mappings, lets what runs come to its end for `graceMs` (on the run's clock), then ends all workers.
   * Close it before the services that its mappings read from.
   */
  close(graceMs?: number): Promise<void>;
}

const DEFAULT_GRACE_MS = 2000;
const MOST_ENVIRONMENTS = 10;

/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const ACCOUNT_CONCURRENCY = 1000;

/** Runs functions from their bundles, each execution environment in a worker thread of its own. */
export function createLambda(options: LambdaOptions, sources: EventSources): Lambda {
  const {
    clock,
    region,
    accountId,
    log,
    newId,
    onLogLine,
    faults,
    mostEnvironments = MOST_ENVIRONMENTS,
    mostFromMappings = Number.POSITIVE_INFINITY,
    accountConcurrency = ACCOUNT_CONCURRENCY,
  } = options;
  const functionArn = (functionName: string) => `arn:aws:lambda:${region}:${accountId}:function:${functionName}`;

  const { note: onStart, ...startFailures } = createStartFailures();
  const environments = createEnvironmentStarter({ ...options, onStart });
  const closing = new AbortController();
  const functions = createFunctions({
    functionArn,
    random: options.random,
    openPool: (configuration) =>
      createFunctionPool({
        configuration,
        functionArn: functionArn(configuration.functionName),
        clock,
        newId,
        faults,
        mostEnvironments,
        waits: options.waits,
        onLine: (line) => onLogLine?.(configuration.functionName, line),
        start: environments.start,
      }),
  });
  const { pools } = functions;
  const invoker = createInvoker({ clock, log, sqs: sources.sqs, functionArn, pools, accountConcurrency });

  const turns = createConcurrency(mostFromMappings);

  const mappings = createMappingRegistry({
    sources,
    clock,
    log,
    region,
    newId,
    compileEventPattern: options.compileEventPattern,
    putObject: options.putObject,
    faults,
    targetOf: ({ functionName, qualifier }) => {
      const named = functions.find({ functionName, qualifier });
      const { pool } = named.function;
      return {
        configuration: () => pool.configuration,
        target: {
          functionName: named.functionName,
          functionArn: named.arn,
          invoke: (payload, causes = []) =>
            inTurn(turns, (onFrozen) => invoker.invoke(named, { payload, causes, onFrozen })),
          capacity: () => Math.min(turns.free(), pool.capacity()),
          // whoever is called asks for the capacity again
          onceFree: (listener) => (turns.free() > 0 ? pool : turns).onceFree(listener),
        },
      };
    },
  });

  /** Waits for `work`, but no longer than `graceMs`. */
  const withGrace = async (graceMs: number, work: Promise<unknown>) => {
    let cancel = () => {};
    const over = new Promise<void>((resolve) => {
      cancel = clock.schedule(graceMs, resolve);
    });
    await Promise.race([work, over]);
    cancel();
  };

  const lambda = {
    startFailures,
    functionArn,
    createFunction: functions.create,
    updateFunction: functions.update,
    replaceCode: functions.replaceCode,
    checkStarts: () =>
      checkStarts({
        functions: functions.list().map(({ pool }) => environments.toLoad(pool.configuration)),
        onFailure: onStart,
        signal: closing.signal,
      }),
    deleteFunction: functions.remove,
    publishVersion: (functionName: string) => functions.find(functionName).function.qualifiers.publish(),
    createAlias: (functionName: string, alias: Alias) =>
      functions.find(functionName).function.qualifiers.addAlias(alias),
    updateAlias: (functionName: string, alias: Alias) =>
      functions.find(functionName).function.qualifiers.updateAlias(alias),
    deleteAlias: (functionName: string, name: string) =>
      functions.find(functionName).function.qualifiers.removeAlias(name),
    deleteVersion: (functionName: string, version: string) =>
      functions.find(functionName).function.qualifiers.removeVersion(version),
    configureAsync(reference: string, settings: AsyncSettings) {
      checkAsyncSettings(settings);
      const { function: known, qualifier = LATEST } = functions.find(reference);
      known.asyncSettings.set(qualifier, settings);
    },
    removeAsync(reference: string) {
      const { function: known, qualifier = LATEST } = functions.find(reference);
      known.asyncSettings.delete(qualifier);
    },
    invoke: async (reference: string, payload: string, cause?: string) =>
      invoker.invoke(functions.find(reference), requestOf(payload, cause)),
    invokeAsync: (reference: string, payload: string, cause?: string) =>
      invoker.invokeAsync(functions.find(reference), requestOf(payload, cause)),
    createEventSourceMapping: async (configuration: EventSourceMappingConfiguration) => {
      const { uuid } = await mappings.create(configuration);
      return { uuid };
    },
    updateEventSourceMapping: async (uuid: string, configuration: EventSourceMappingConfiguration) => {
      await mappings.update(uuid, configuration);
    },
    deleteEventSourceMapping: mappings.remove,
    crash: (functionName: string) => functions.find(functionName).function.pool.crash(),
    activity: () => ({
      invocations: invoker.running() + invoker.waiting() + invoker.reporting(),
      busyMappings: mappings
        .list()
        .filter(({ runner }) => runner.isBusy())
        .map(({ uuid }) => uuid),
    }),
    waitingForTime: () => pools().reduce((sum, pool) => sum + pool.frozen(), invoker.waiting()),
    async close(graceMs = DEFAULT_GRACE_MS) {
      closing.abort();
      invoker.close();
      const mappingsStopped = mappings.stopAll();
      await withGrace(graceMs, Promise.all([mappingsStopped, invoker.whenIdle()]));
      turns.end(hostClosed);
      await Promise.all(pools().map((pool) => pool.close()));
      await mappingsStopped;
    },
  };
  const service = createLambdaApi({ ...lambda, region, accountId, mappings, functions });
  return { ...lambda, service };
}

const requestOf = (payload: string, cause: string | undefined): Request => ({
  payload,
  causes: cause === undefined ? [] : [cause],
});
