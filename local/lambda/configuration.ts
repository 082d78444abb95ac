import { statSync } from 'node:fs';
import { join } from 'node:path';
import { invalidParameter } from './errors.ts';

/** One function, as its template describes it. */
export interface FunctionConfiguration {
  /** 1 to 64 letters, digits, hyphens and underscores. */
  readonly functionName: string;
  /** What would be unpacked into /var/task. */
  readonly codeFolder: string;
  /** `file.export`, e.g. `index.handler`. */
  readonly handler: string;
  /** One of `RUNTIMES`. */
  readonly runtime: string;
  /** 1 to 900. */
  readonly timeoutSeconds: number;
  /** 128 to 10,240; bounds the worker's heap. */
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Executions at a time; more are throttled. @default no limit of the function's own */
  readonly reservedConcurrency?: number;
  /** Whether it may run more than 16 times in one chain of requests through SQS and Lambda. @default Terminate */
  readonly recursiveLoop?: RecursiveLoop | undefined;
  readonly roleArn: string;
  /** @default /aws/lambda/<functionName> */
  readonly logGroup?: string;
}

export type RecursiveLoop = 'Allow' | 'Terminate';

export const isRecursiveLoop = (value: unknown): value is RecursiveLoop => value === 'Allow' || value === 'Terminate';

/** Runtimes whose functions this process can run: its Node.js runs the code of earlier versions, too. */
export const RUNTIMES: readonly string[] = ['nodejs20.x', 'nodejs22.x', 'nodejs24.x'];

/** The first runtime without callback handlers is Node.js 24's. @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html */
export const takesCallbacks = (runtime: string): boolean => runtime === 'nodejs20.x' || runtime === 'nodejs22.x';

const MAX_ENVIRONMENT_BYTES = 4096;

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const RESERVED_VARIABLES = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
]);

/** @throws AwsError InvalidParameterValueException that names every problem at once. */
export function checkFunction(configuration: FunctionConfiguration): void {
  const { functionName, codeFolder, runtime, timeoutSeconds, memoryMb, environment } = configuration;
  const { reservedConcurrency, recursiveLoop = 'Terminate' } = configuration;
  const reserved = Object.keys(environment).filter((name) => RESERVED_VARIABLES.has(name));
  const environmentBytes = Buffer.byteLength(JSON.stringify(environment));
  const problems = [
    !/^[A-Za-z0-9_-]{1,64}$/.test(functionName) &&
      `its name has 1 to 64 letters, digits, hyphens and underscores, got '${functionName}'`,
    !RUNTIMES.includes(runtime) && `runtime is '${runtime}', the local run has ${RUNTIMES.join(', ')} only`,
    !isIntegerIn(timeoutSeconds, 1, 900) && `timeoutSeconds is ${timeoutSeconds}, allowed is 1 to 900`,
    !isIntegerIn(memoryMb, 128, 10_240) && `memoryMb is ${memoryMb}, allowed is 128 to 10240`,
    reservedConcurrency !== undefined &&
      !isIntegerIn(reservedConcurrency, 0, 1_000_000) &&
      `reservedConcurrency is ${reservedConcurrency}, allowed is 0 or more`,
    !isRecursiveLoop(recursiveLoop) && `recursiveLoop is '${recursiveLoop}', allowed are Allow and Terminate`,
    reserved.length > 0 && `environment sets variables that Lambda sets itself: ${reserved.join(', ')}`,
    environmentBytes > MAX_ENVIRONMENT_BYTES &&
      `environment takes ${environmentBytes} bytes, allowed is ${MAX_ENVIRONMENT_BYTES}`,
    !isFolder(codeFolder) && `codeFolder ${join(codeFolder)} is no folder`,
  ].filter((problem) => problem !== false);
  if (problems.length > 0) throw invalidParameter(`function '${functionName}': ${problems.join('; ')}`);
}

export const isIntegerIn = (value: number, min: number, max: number): boolean =>
  Number.isInteger(value) && value >= min && value <= max;

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
