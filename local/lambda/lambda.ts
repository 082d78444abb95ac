import { realpathSync } from 'node:fs';
import type { MovableClock } from '../clock.ts';
import type { RestService } from '../endpoint/service.ts';
import type { RunLog } from '../log.ts';
import { createAsyncInvocations } from './async-invocations.ts';
import { checkFunction, type FunctionConfiguration } from './configuration.ts';
import { createEnvironmentStarter } from './environment-starter.ts';
import type { Credentials } from './environment-variables.ts';
import { functionNotFound, resourceConflict } from './errors.ts';
import type { LambdaFaults } from './faults.ts';
import { createFunctionPool, type FunctionPool } from './function-pool.ts';
import type { InvokeResult } from './invocation.ts';
import type { EventSourceMappingConfiguration } from './mappings/configuration.ts';
import type { PutObject } from './mappings/failure-destination.ts';
import { createMappingRegistry, type EventSources } from './mappings/mapping-registry.ts';
import { createLambdaApi } from './rest-api.ts';

export interface LambdaOptions {
  readonly clock: MovableClock;
  readonly region: string;
  readonly accountId: string;
  readonly log: RunLog;
  /** Where the functions find all services; asked when an environment starts. */
  readonly endpointUrl: () => string;
  readonly credentialsOf: (roleArn: string, functionName: string) => Credentials;
  readonly newId: () => string;
  /** Makes a matcher of a mapping's filter pattern; throws on a pattern that is none. */
  readonly compileEventPattern: (pattern: string) => (event: object) => boolean;
  /** For on-failure destinations in S3. @default a bucket as destination is refused */
  readonly putObject?: PutObject;
  /** What a function writes, line by line, all of it before its invocation's result is given. */
  readonly onLogLine?: (functionName: string, line: string) => void;
  readonly faults?: LambdaFaults;
}

export interface Lambda {
  /** The API of Lambda, as far as a run needs it. */
  readonly service: RestService;
  readonly functionArn: (functionName: string) => string;
  /** @throws AwsError InvalidParameterValueException, ResourceConflictException */
  createFunction(configuration: FunctionConfiguration): void;
  /**
   * Runs the function and waits for its result.
   * @throws AwsError ResourceNotFoundException, TooManyRequestsException
   */
  invoke(functionName: string, payload: string): Promise<InvokeResult>;
  /**
   * Hands an event over and answers at once; a failed one is tried twice more, a throttled one for six hours.
   * @throws AwsError ResourceNotFoundException
   */
  invokeAsync(functionName: string, payload: string): void;
  /** @throws AwsError InvalidParameterValueException, ResourceNotFoundException, ResourceConflictException */
  createEventSourceMapping(configuration: EventSourceMappingConfiguration): Promise<{ readonly uuid: string }>;
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

/** Runs functions from their bundles, each execution environment in a worker thread of its own. */
export function createLambda(options: LambdaOptions, sources: EventSources): Lambda {
  const { clock, region, accountId, log, newId, onLogLine, faults } = options;
  const pools = new Map<string, FunctionPool>();
  const idleListeners: (() => void)[] = [];
  const functionArn = (functionName: string) => `arn:aws:lambda:${region}:${accountId}:function:${functionName}`;

  const startEnvironment = createEnvironmentStarter({ ...options, functionArn });

  const poolOf = (functionName: string): FunctionPool => {
    const pool = pools.get(functionName);
    if (pool === undefined) throw functionNotFound(functionArn(functionName));
    return pool;
  };
  const invokeIn = async (functionName: string, payload: string, whenFull: 'throttle' | 'wait') => {
    try {
      return await poolOf(functionName).invoke(payload, whenFull);
    } finally {
      if (running() === 0) for (const listener of idleListeners.splice(0)) listener();
    }
  };
  const running = () => sumOf(pools.values(), (pool) => pool.inFlight());
  const invoke = (functionName: string, payload: string) => invokeIn(functionName, payload, 'throttle');
  const asyncInvocations = createAsyncInvocations({ clock, log, invoke });

  const mappings = createMappingRegistry({
    sources,
    clock,
    log,
    region,
    newId,
    compileEventPattern: options.compileEventPattern,
    putObject: options.putObject,
    targetOf: (functionName) => {
      const pool = poolOf(functionName);
      return {
        configuration: pool.configuration,
        target: {
          functionName,
          functionArn: functionArn(functionName),
          invoke: (payload) => invokeIn(functionName, payload, 'wait'),
          capacity: pool.capacity,
          onceFree: pool.onceFree,
        },
      };
    },
  });

  const whenIdle = () =>
    new Promise<void>((resolve) => {
      if (running() === 0) resolve();
      else idleListeners.push(resolve);
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
    functionArn,
    createFunction(given: FunctionConfiguration) {
      checkFunction(given);
      // modules know themselves by their real path
      const configuration = { ...given, codeFolder: realpathSync(given.codeFolder) };
      const { functionName } = configuration;
      if (pools.has(functionName)) throw resourceConflict(`Function already exist: ${functionName}`);
      pools.set(
        functionName,
        createFunctionPool({
          configuration,
          clock,
          newId,
          faults,
          onLine: (line) => onLogLine?.(functionName, line),
          start: (onLine) => startEnvironment(configuration, onLine),
        }),
      );
    },
    invoke,
    invokeAsync(functionName: string, payload: string) {
      poolOf(functionName);
      asyncInvocations.accept(functionName, payload);
    },
    createEventSourceMapping: async (configuration: EventSourceMappingConfiguration) => {
      const { uuid } = await mappings.create(configuration);
      return { uuid };
    },
    crash: (functionName: string) => poolOf(functionName).crash(),
    activity: () => ({
      invocations: running() + asyncInvocations.waiting(),
      busyMappings: mappings
        .list()
        .filter(({ runner }) => runner.isBusy())
        .map(({ uuid }) => uuid),
    }),
    waitingForTime: () => sumOf(pools.values(), (pool) => pool.frozen()) + asyncInvocations.waiting(),
    async close(graceMs = DEFAULT_GRACE_MS) {
      asyncInvocations.close();
      const mappingsStopped = mappings.stopAll();
      await withGrace(graceMs, Promise.all([mappingsStopped, whenIdle()]));
      await Promise.all([...pools.values()].map((pool) => pool.close()));
      await mappingsStopped;
    },
  };
  const service = createLambdaApi({
    ...lambda,
    region,
    accountId,
    mappings,
    configurations: () => [...pools.values()].map(({ configuration }) => configuration),
  });
  return { ...lambda, service };
}

const sumOf = <T>(items: Iterable<T>, numberOf: (item: T) => number): number => {
  let sum = 0;
  for (const item of items) sum += numberOf(item);
  return sum;
};
