import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRIC, parseTuning, type Tuning } from '../definitions/index.ts';
import { describeThrown, loggable } from '../shared/thrown.ts';
import { addMs, type Clock, type EpochMs } from '../shared/time.ts';
import type { SettingsParameter } from './ports.ts';

export interface TunedSettings {
  /** The last valid settings. Never rejects. */
  current(): Promise<Tuning>;
}

export interface TunedSettingsDeps {
  readonly parameter: SettingsParameter;
  /** The parameter's name in log lines. */
  readonly parameterName: string;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly metrics: Pick<Metrics, 'singleMetric'>;
}

/** How long the parameter is not read again after it did not exist or could not be read. */
const REST_MS = 60_000;

/** Settings without a parameter: all deployed values apply. */
export const UNTUNED: TunedSettings = { current: async () => ({}) };

/**
 * Reads the tuned settings of an environment. Invalid content is logged and counted once, and the last valid settings
 * stay. They also stay while the parameter cannot be read. If the parameter was deleted, nothing is tuned.
 */
export function createTunedSettings(deps: TunedSettingsDeps): TunedSettings {
  const { parameter, parameterName, clock, logger, metrics } = deps;
  let tuning: Tuning = {};
  let known: string | undefined;
  let restsUntil: EpochMs | undefined;
  let failure: string | undefined;
  let underWay: Promise<void> | undefined;

  const apply = (content: string | undefined) => {
    if (content === known) return;
    known = content;
    const parsed = content === undefined ? ({ kind: 'valid', tuning: {} } as const) : parseTuning(content);
    if (parsed.kind === 'valid') {
      const isSame = isDeepStrictEqual(parsed.tuning, tuning);
      tuning = parsed.tuning;
      if (isSame) return;
      logger.info('tuned settings apply from now on', { parameter: parameterName, settings: tuning });
      return;
    }
    metrics.singleMetric().addMetric(METRIC.settingsRefused, MetricUnit.Count, 1);
    logger.error('the settings parameter is refused: the last valid settings stay; correct it with waybill settings', {
      parameter: parameterName,
      problems: parsed.problems,
      settings: tuning,
    });
  };

  const refresh = async () => {
    try {
      const content = await parameter.read();
      failure = undefined;
      restsUntil = content === undefined ? addMs(clock.now(), REST_MS) : undefined;
      apply(content);
    } catch (error) {
      restsUntil = addMs(clock.now(), REST_MS);
      metrics.singleMetric().addMetric(METRIC.settingsUnavailable, MetricUnit.Count, 1);
      const { code, message } = describeThrown(error);
      const reason = `${code}: ${message}`;
      if (reason !== failure) {
        logger.warn('the settings parameter cannot be read: the last valid settings stay', {
          parameter: parameterName,
          error: loggable(error),
        });
      }
      failure = reason;
    }
  };

  return {
    async current() {
      if (restsUntil === undefined || clock.now() >= restsUntil) {
        underWay ??= refresh().finally(() => {
          underWay = undefined;
        });
        await underWay;
      }
      return tuning;
    },
  };
}
