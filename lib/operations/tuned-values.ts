import {
  CONSUMER_TUNABLE_NAMES,
  type ConsumerTuning,
  DEFAULT_SWEEP_MAX_EVENTS,
  ENV,
  parseTuning,
  type TunableName,
  type Tuning,
} from '../definitions/index.ts';
import type { EpochMs } from '../shared/time.ts';
import type { DeployedConsumer, Deployment } from './deployment.ts';
import type { SettingsVersion } from './ports.ts';

type Value = string | number;
type ConsumerTunable = keyof ConsumerTuning;

/** The current value of a setting for a consumer, or for the whole environment. */
export interface TunedValue {
  /** Undefined for the environment: relay, sweeper, saga timers, and every consumer without a value of its own. */
  readonly consumer: string | undefined;
  readonly name: TunableName;
  readonly value: Value | undefined;
  /** `deployment`: nothing is tuned; `environment` and `consumer`: where it is tuned. */
  readonly source: 'deployment' | 'environment' | 'consumer';
  /** Since when it has this value, as far as the kept versions show. */
  readonly since?: EpochMs;
  /** Who tuned it, and why. */
  readonly by?: string;
}

type DeployedSettings = Pick<Deployment, 'consumers' | 'sweepAfterSeconds' | 'logLevel'>;

/** The deployed value of a consumer's setting. */
export function deployedValue({ variables }: DeployedConsumer, name: ConsumerTunable): Value {
  switch (name) {
    case 'maxAttempts':
      return Number(variables[ENV.maxReceiveCount]);
    case 'retryBaseSeconds':
      return Number(variables[ENV.retryBaseSeconds]);
    case 'retryCapSeconds':
      return Number(variables[ENV.retryCapSeconds]);
    case 'logLevel':
      return variables[ENV.logLevel] ?? '';
  }
}

/** Lists every setting that can be tuned, with its current value. */
export function listTunedValues(
  tuning: Tuning,
  deployment: DeployedSettings,
  history: readonly SettingsVersion[],
): readonly TunedValue[] {
  const environment = [
    environmentValue('logLevel', deployment.logLevel),
    environmentValue('sweepAfterSeconds', deployment.sweepAfterSeconds),
    environmentValue('sweepMaxEvents', DEFAULT_SWEEP_MAX_EVENTS),
  ];
  const consumers = deployment.consumers.flatMap((consumer) =>
    CONSUMER_TUNABLE_NAMES.map((name) => consumerValue(consumer, name)),
  );
  return [...environment, ...consumers];

  function environmentValue(name: TunableName, deployed: Value | undefined): TunedValue {
    const tuned = tuning[name];
    if (tuned === undefined) return { consumer: undefined, name, value: deployed, source: 'deployment' };
    return { consumer: undefined, name, value: tuned, source: 'environment', ...since((each) => each[name], tuned) };
  }

  function consumerValue(consumer: DeployedConsumer, name: ConsumerTunable): TunedValue {
    const own = tuning.consumers?.[consumer.name]?.[name];
    const tuned = own ?? tuning[name];
    const deployed = deployedValue(consumer, name);
    // more attempts than the queue makes have no effect
    if (tuned === undefined || (name === 'maxAttempts' && Number(tuned) >= Number(deployed))) {
      return { consumer: consumer.name, name, value: deployed, source: 'deployment' };
    }
    const source = own === undefined ? 'environment' : 'consumer';
    const valueIn = (each: Tuning) => each.consumers?.[consumer.name]?.[name] ?? each[name];
    return { consumer: consumer.name, name, value: tuned, source, ...since(valueIn, tuned) };
  }

  /** The oldest version since which every version has the value. */
  function since(valueIn: (tuning: Tuning) => Value | undefined, value: Value): { since?: EpochMs; by?: string } {
    let found: SettingsVersion | undefined;
    for (const version of history.toReversed()) {
      const parsed = parseTuning(version.content);
      if (parsed.kind === 'valid' && valueIn(parsed.tuning) !== value) break;
      if (parsed.kind === 'valid') found = version;
    }
    return found === undefined ? {} : { since: found.at, by: found.by };
  }
}

/** Sets values, or removes those that are undefined. Consumers without values are removed. */
export function changeTuning(
  tuning: Tuning,
  consumer: string | undefined,
  values: Readonly<Partial<Record<TunableName, Value | undefined>>>,
): Tuning {
  if (consumer === undefined) return withoutUndefined({ ...tuning, ...values });
  const { [consumer]: own = {}, ...others } = tuning.consumers ?? {};
  const changed = withoutUndefined({ ...own, ...values });
  const consumers = Object.keys(changed).length === 0 ? others : { ...others, [consumer]: changed };
  const { consumers: _, ...environment } = tuning;
  return Object.keys(consumers).length === 0 ? environment : { ...environment, consumers };
}

const withoutUndefined = (values: Readonly<Record<string, unknown>>): Tuning =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** Lists contradictions with the deployment of a consumer, one sentence each; empty if the tuning can be used. */
export function tuningProblems(tuning: Tuning, { consumers }: DeployedSettings): readonly string[] {
  const most = Math.max(...consumers.map((consumer) => Number(deployedValue(consumer, 'maxAttempts'))));
  const environment =
    tuning.maxAttempts !== undefined && tuning.maxAttempts > most
      ? [tooManyAttempts('maxAttempts', tuning.maxAttempts, most, 'the queues of all consumers')]
      : [];
  return [
    ...environment,
    ...consumers.flatMap((consumer) => {
      const { name } = consumer;
      const own = tuning.consumers?.[name] ?? {};
      const receives = Number(deployedValue(consumer, 'maxAttempts'));
      const effective = (each: 'retryBaseSeconds' | 'retryCapSeconds') =>
        Number(own[each] ?? tuning[each] ?? deployedValue(consumer, each));
      const [base, cap] = [effective('retryBaseSeconds'), effective('retryCapSeconds')];
      return [
        ...(own.maxAttempts !== undefined && own.maxAttempts > receives
          ? [tooManyAttempts(`maxAttempts of '${name}'`, own.maxAttempts, receives, 'its queue')]
          : []),
        ...(base > cap
          ? [`retryBaseSeconds of '${name}' must not be above its retryCapSeconds, got ${base} and ${cap}: set both`]
          : []),
      ];
    }),
  ];
}

const tooManyAttempts = (what: string, value: number, most: number, whose: string): string =>
  `${what} must be a whole number of attempts from 1 to ${most}, got ${value}: maxReceiveCount of ${whose} is ${most}, and only a deployment raises it`;
