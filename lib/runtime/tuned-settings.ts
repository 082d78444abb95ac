import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { SSMClient } from '@aws-sdk/client-ssm';
import { ENV, type LogLevel, type Tuning } from '../definitions/index.ts';
import { systemClock } from '../shared/time.ts';
import { createLevelSwitch, createPowertoolsParameter, createTunedSettings, UNTUNED } from '../tuning/index.ts';

interface Telemetry {
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error' | 'getLevelName' | 'setLogLevel'>;
  readonly metrics: Pick<Metrics, 'singleMetric'>;
}

/** Maximum age of the settings that a running function uses, in seconds. */
const MAX_AGE_SECONDS = 60;

/** One attempt of at most a second, because events wait meanwhile and the last valid settings can be used instead. */
const CLIENT = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 1_000, throwOnRequestTimeout: true },
};

/**
 * Creates the function that reads the tuned settings at the start of each invocation and sets the logger's level.
 * Without the variable that names the parameter, nothing is tuned.
 * @param select returns the part of the environment's tuning that applies to the function
 */
export function createTuning<Part extends { readonly logLevel?: LogLevel }>(
  { [ENV.settingsParameterName]: name = '' }: NodeJS.ProcessEnv,
  { logger, metrics }: Telemetry,
  select: (tuning: Tuning) => Part,
): () => Promise<Part> {
  const settings =
    name === ''
      ? UNTUNED
      : createTunedSettings({
          parameter: createPowertoolsParameter({ client: new SSMClient(CLIENT), name, maxAgeSeconds: MAX_AGE_SECONDS }),
          parameterName: name,
          clock: systemClock,
          logger,
          metrics,
        });
  const switchLevel = createLevelSwitch(logger);
  return async () => {
    const tuning = select(await settings.current());
    switchLevel(tuning.logLevel);
    return tuning;
  };
}
