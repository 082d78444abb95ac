import { toTimestamp } from '../../lib/shared/time.ts';
import type { MovableClock } from '../clock.ts';
import { type FunctionConfiguration, takesCallbacks } from './configuration.ts';
import { type Credentials, environmentVariables } from './environment-variables.ts';
import { type ExecutionEnvironment, startEnvironment } from './execution-environment.ts';
import type { ErrorPayload } from './worker/protocol.ts';

export interface StarterOptions {
  readonly clock: MovableClock;
  readonly region: string;
  readonly newId: () => string;
  readonly endpointUrl: () => string;
  readonly credentialsOf: (roleArn: string, functionName: string) => Credentials;
  readonly onStart: (functionName: string, error: ErrorPayload | undefined) => void;
}

export type StartEnvironment = (
  configuration: FunctionConfiguration,
  version: string,
  onLine: (line: string) => void,
) => ExecutionEnvironment;

/** Starts environments that know their place: region, endpoint, credentials, log stream, and the run's time. */
export function createEnvironmentStarter(options: StarterOptions): StartEnvironment {
  const { clock, region, newId, endpointUrl, credentialsOf, onStart } = options;
  const clockOffset = shareOffset(clock);

  return (configuration, version, onLine) => {
    const { functionName, codeFolder, handler, memoryMb, timeoutSeconds, roleArn } = configuration;
    const logGroup = configuration.logGroup ?? `/aws/lambda/${functionName}`;
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
      variables: environmentVariables(configuration, {
        region,
        endpointUrl: endpointUrl(),
        credentials: credentialsOf(roleArn, functionName),
        logGroup,
        logStream,
        version,
      }),
    });
  };
}

/** The clock's offset in memory that all workers see. */
function shareOffset(clock: MovableClock): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  const offset = new BigInt64Array(shared);
  const store = (offsetMs: number) => void Atomics.store(offset, 0, BigInt(Math.round(offsetMs)));
  store(clock.offsetMs());
  clock.onAdvance(store);
  return shared;
}
