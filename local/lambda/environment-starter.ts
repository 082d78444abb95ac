import { ENV } from '../../lib/definitions/index.ts';
import { toTimestamp } from '../../lib/shared/time.ts';
import type { MovableClock } from '../clock.ts';
import { type FunctionConfiguration, takesCallbacks } from './configuration.ts';
import { type Credentials, environmentVariables } from './environment-variables.ts';
import { type ExecutionEnvironment, startEnvironment } from './execution-environment.ts';
import { LATEST } from './qualifiers.ts';
import type { ErrorPayload, LoadedFunction } from './worker/protocol.ts';

export interface StarterOptions {
  readonly clock: MovableClock;
  readonly region: string;
  readonly newId: () => string;
  readonly endpointUrl: () => string;
  readonly credentialsOf: (roleArn: string, functionName: string) => Credentials;
  readonly onStart: (functionName: string, error: ErrorPayload | undefined) => void;
}

type StartEnvironment = (
  configuration: FunctionConfiguration,
  version: string,
  onLine: (line: string) => void,
) => ExecutionEnvironment;

export interface EnvironmentStarter {
  readonly start: StartEnvironment;
  /** What is loaded at a start, to see whether it can be: code and variables are those of one deployment. */
  readonly toLoad: (configuration: FunctionConfiguration) => LoadedFunction;
}

/** Starts environments that know their place: region, endpoint, credentials, log stream, and the run's time. */
export function createEnvironmentStarter(options: StarterOptions): EnvironmentStarter {
  const { clock, region, newId, endpointUrl, credentialsOf, onStart } = options;
  const clockOffset = shareOffset(clock);

  const variablesOf = (configuration: FunctionConfiguration, version: string, logStream: string) =>
    environmentVariables(configuration, {
      region,
      endpointUrl: endpointUrl(),
      credentials: credentialsOf(configuration.roleArn, configuration.functionName),
      logGroup: logGroupOf(configuration),
      logStream,
      version,
    });

  const start: StartEnvironment = (configuration, version, onLine) => {
    const { functionName, codeFolder, handler, memoryMb, timeoutSeconds } = configuration;
    const logGroup = logGroupOf(configuration);
    const day = toTimestamp(clock.now()).slice(0, 10).replaceAll('-', '/');
    const logStream = `${day}/[${version}]${newId().replaceAll('-', '')}`;
    return startEnvironment({
      clock,
      timeoutSeconds,
      onLine,
      onStart: (error) => onStart(functionName, error),
      settings: {
        taskRoot: codeFolder,
        takesCallbacks: takesCallbacks(configuration.runtime),
        handler,
        functionName,
        functionVersion: version,
        memoryMb,
        logGroup,
        logStream,
        clockOffset,
      },
      variables: variablesOf(configuration, version, logStream),
    });
  };

  return {
    start,
    toLoad(configuration) {
      const variables = variablesOf(configuration, LATEST, 'load-check');
      return {
        functionName: configuration.functionName,
        taskRoot: configuration.codeFolder,
        handler: configuration.handler,
        takesCallbacks: takesCallbacks(configuration.runtime),
        variables: { ...variables, [ENV.loadedAtSynth]: 'true' },
      };
    },
  };
}

const logGroupOf = ({ logGroup, functionName }: FunctionConfiguration): string =>
  logGroup ?? `/aws/lambda/${functionName}`;

/** The clock's offset in memory that all workers see. */
function shareOffset(clock: MovableClock): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  const offset = new BigInt64Array(shared);
  const store = (offsetMs: number) => void Atomics.store(offset, 0, BigInt(Math.round(offsetMs)));
  store(clock.offsetMs());
  clock.onAdvance(store);
  return shared;
}
