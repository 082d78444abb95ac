import { join, resolve } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { WaybillError } from '../../lib/definitions/index.ts';
import { nearestOf } from '../../lib/shared/nearest.ts';
import { driveTime } from '../drive-time.ts';
import type { LogLevel } from '../log.ts';
import { type LocalRun, startLocalRun } from '../run.ts';
import { synthesize } from '../synthesis/synthesize.ts';
import { constructOf } from '../template/leave-out.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';
import { faultsOf, isAppFolder } from './app-folder.ts';
import { refuseTakenPort } from './free-port.ts';
import { MAX_PORT, MAX_SEED } from './run-options.ts';
import { refuseUnmatched } from './start-app.ts';
import { UsageError } from './usage-error.ts';

/** Something that the engines say about the run, such as a permission that is missing. */
export interface RunLogEntry {
  readonly level: LogLevel;
  /** The engine or function that it is about: `sqs`, or a function's name. */
  readonly source: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface LocalAppOptions {
  /** Of a CDK app, or of what `cdk synth` wrote. @default '.' */
  readonly folder?: string;
  /** CDK context that the app is synthesized with. @default - none */
  readonly context?: Readonly<Record<string, string>>;
  /** Paths of constructs, or logical ids, that the run leaves out. @default - everything runs */
  readonly without?: readonly string[];
  /** Port of the endpoint on 127.0.0.1; 0 takes a free one. @default 0 */
  readonly port?: number;
  /** The same seed makes the same ids. @default 1 */
  readonly seed?: number;
  /** Faults on, drawn by the seed. @default - no faults */
  readonly chaosSeed?: number;
  /** Gets what the engines say about the run. @default - nobody */
  readonly log?: (entry: RunLogEntry) => void;
  /** Ends the start, and then rejects with the signal's reason. @default - none */
  readonly signal?: AbortSignal;
}

/** A CDK app that runs on this machine until it is disposed of. */
export interface LocalApp extends AsyncDisposable {
  /** Where AWS SDKs and the AWS CLI reach it: `AWS_ENDPOINT_URL`. */
  readonly endpointUrl: string;
  readonly region: string;
  /** Variables with which AWS SDKs and the AWS CLI reach it. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * The outputs of a stack, by name.
   * @throws LocalNameError `LOCAL_NAME_UNKNOWN` if there is no such stack
   */
  outputs(stackName: string): Readonly<Record<string, string>>;
  /**
   * Invokes a function and waits for its answer.
   * @param name the function's name, its logical id, or the path of its construct: `Orders/PlaceOrder`
   * @param payload JSON value. @default - no payload
   * @returns the answer, parsed
   * @throws LocalNameError `LOCAL_NAME_UNKNOWN` if there is no such function, or there are several
   * @throws LocalInvocationError `LOCAL_INVOCATION_FAILED` if the function fails
   */
  invoke(name: string, payload?: unknown): Promise<unknown>;
  /**
   * The lines that a function has logged so far.
   * @param name as for `invoke`
   * @throws LocalNameError `LOCAL_NAME_UNKNOWN` if there is no such function, or there are several
   */
  logsOf(name: string): readonly string[];
  /**
   * Resolves when nothing is under way: no message, no invocation, no timer. Where only time is missing (backoff, the timer of a
   * saga), the run's clock is moved, so waits take no time.
   * @param signal ends the wait and rejects with the signal's reason. @default - none
   */
  settled(signal?: AbortSignal): Promise<void>;
}

/** A name that nothing in the run has, or more than one. */
export class LocalNameError extends WaybillError {
  readonly code = 'LOCAL_NAME_UNKNOWN';
}

/** A function of the run answered with an error. */
export class LocalInvocationError extends WaybillError {
  readonly code = 'LOCAL_INVOCATION_FAILED';
  /** Name of the error that the function threw. */
  readonly errorType: string | undefined;

  constructor(name: string, errorType: string | undefined, message: string) {
    super(`function '${name}' failed${errorType === undefined ? '' : ` with ${errorType}`}: ${message}`);
    this.errorType = errorType;
  }
}

/**
 * Synthesizes a CDK app and brings its stacks up on this machine, with their bundles.
 *
 * @example
 * await using app = await startLocalApp({ context: { env: 'dev' } });
 * await app.invoke('Orders/PlaceOrder', { orderId: '1042' });
 * await app.settled();
 *
 * @throws UsageError `LOCAL_USAGE` if the folder is no CDK app or assembly, the port is taken, or an option is out of range
 * @throws SynthesisError `LOCAL_SYNTHESIS_FAILED` with what the CDK CLI wrote
 * @throws TemplateRefusedError `LOCAL_TEMPLATE_REFUSED` naming what the engines do not have
 * @throws DeploymentError `LOCAL_DEPLOYMENT_FAILED` naming the resource that could not be created
 */
export async function startLocalApp(options: LocalAppOptions = {}): Promise<LocalApp> {
  const { folder = '.', context = {}, without = [], port = 0, seed, chaosSeed, signal } = options;
  await using resources = new AsyncDisposableStack();
  const isApp = isAppFolder(folder);
  if (!isApp && Object.keys(context).length > 0) {
    throw new UsageError(
      `context needs a folder with cdk.json, and '${folder}' is what cdk synth wrote: name the app's folder`,
    );
  }
  refuseNumber('port', port, MAX_PORT);
  refuseNumber('seed', seed, MAX_SEED);
  refuseNumber('chaosSeed', chaosSeed, MAX_SEED);
  await refuseTakenPort(port);
  const assemblyFolder = isApp ? join(resources.use(createTemporaryFolder()).path, 'assembly') : folder;
  if (isApp) {
    const projectFolder = resolve(folder);
    await synthesize({ projectFolder, outputFolder: assemblyFolder, context, ...(signal ? { signal } : {}) });
  }
  refuseUnmatched(assemblyFolder, without);
  const lines = new Map<string, string[]>();
  const run = await startLocalRun({
    assemblyFolder,
    without,
    port,
    ...(seed === undefined ? {} : { seed }),
    ...faultsOf(chaosSeed),
    log: (level, source, message, fields = {}) => options.log?.({ level, source, message, fields }),
    onLogLine(functionName, line) {
      const own = lines.get(functionName);
      if (own === undefined) lines.set(functionName, [line]);
      else own.push(line);
    },
  });
  resources.defer(run.close);
  signal?.throwIfAborted();
  const { endpointUrl: endpoint, region } = run;
  const lambda = new LambdaClient({ endpoint, region, credentials: CREDENTIALS, maxAttempts: 1 });
  resources.defer(() => lambda.destroy());
  const running = resources.move();

  return {
    endpointUrl: endpoint,
    region,
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    },
    outputs(stackName) {
      const { outputs } = run.deployment;
      const own = outputs.get(stackName);
      if (own === undefined) throw new LocalNameError(unknown('stack', stackName, [...outputs.keys()]));
      return Object.fromEntries(own);
    },
    async invoke(name, payload) {
      const FunctionName = functionNameOf(run, name);
      const Payload = payload === undefined ? {} : { Payload: JSON.stringify(payload) };
      const answer = await lambda.send(new InvokeCommand({ FunctionName, ...Payload }));
      const text = Buffer.from(answer.Payload ?? []).toString();
      const value: unknown = text === '' ? undefined : JSON.parse(text);
      if (answer.FunctionError !== undefined) throw invocationError(name, value);
      return value;
    },
    logsOf: (name) => [...(lines.get(functionNameOf(run, name)) ?? [])],
    settled: (ended) => driveTime(run, ended === undefined ? {} : { signal: ended }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function refuseNumber(name: string, value: number | undefined, max: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= 0 && value <= max)) return;
  throw new UsageError(`${name} must be a whole number from 0 to ${max}, got ${value}`);
}

/** The local endpoint takes any. */
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

function functionNameOf({ deployment }: LocalRun, name: string): string {
  const { functions } = deployment;
  const found = functions.filter(
    ({ functionName, logicalId, constructPath }) =>
      functionName === name || logicalId === name || constructOf(constructPath) === constructOf(name),
  );
  const [only] = found;
  const paths = functions.map(({ constructPath }) => constructOf(constructPath));
  if (only === undefined) throw new LocalNameError(unknown('function', name, paths));
  if (found.length === 1) return only.functionName;
  const same = found.map(({ constructPath }) => constructOf(constructPath)).join(', ');
  throw new LocalNameError(`several functions are called '${name}': name one by its path, ${same}`);
}

function unknown(what: string, name: string, names: readonly string[]): string {
  const guess = nearestOf(name, names);
  const meant = guess === undefined ? '' : `did you mean '${guess}'? `;
  return `there is no ${what} '${name}': ${meant}choose from ${names.length === 0 ? 'none' : names.join(', ')}`;
}

function invocationError(name: string, answer: unknown): LocalInvocationError {
  const { errorType, errorMessage }: { errorType?: unknown; errorMessage?: unknown } =
    typeof answer === 'object' && answer !== null ? answer : {};
  return new LocalInvocationError(
    name,
    typeof errorType === 'string' ? errorType : undefined,
    typeof errorMessage === 'string' ? errorMessage : JSON.stringify(answer),
  );
}
