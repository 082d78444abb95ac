import { ownMember } from './own-member.ts';
import { shown } from './shown.ts';

export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What operations may tune for a single consumer. What is absent is as the deployment has it. */
export interface ConsumerTuning {
  /** Receives after which a failed event becomes a dead letter; the queue's `maxReceiveCount` is the upper limit. */
  readonly maxAttempts?: number;
  /** `baseSeconds` of the subscription's retry policy. */
  readonly retryBaseSeconds?: number;
  /** `capSeconds` of the subscription's retry policy. */
  readonly retryCapSeconds?: number;
  readonly logLevel?: LogLevel;
}

/** What operations may tune of an environment without a deployment: the content of its settings parameter. */
export interface Tuning extends ConsumerTuning {
  /** Age from which the sweeper publishes what the relay has not, in seconds. */
  readonly sweepAfterSeconds?: number;
  /** How many events a run of the sweeper publishes at most. */
  readonly sweepMaxEvents?: number;
  /** By the consumer's name: what differs from the rest of the environment. */
  readonly consumers?: Readonly<Record<string, ConsumerTuning>>;
}

export type TunableName = Exclude<keyof Tuning, 'consumers'>;

/** One setting that can be tuned. */
interface Tunable {
  /** What a value must be: `a whole number of seconds from 60 to 86400`. */
  readonly allowed: string;
  /** Whether a consumer can have a value of its own. */
  readonly perConsumer: boolean;
  isValid(value: unknown): boolean;
}

const wholeNumber = (unit: string, min: number, max: number, perConsumer: boolean): Tunable => ({
  allowed: `a whole number of ${unit} from ${min} to ${max}`,
  perConsumer,
  isValid: (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
});

/** The longest visibility timeout, in seconds. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html */
const LONGEST_WAIT_SECONDS = 43_200;

/** Limits are those of the settings and definitions that a value stands in for. */
const TUNABLES: Readonly<Record<TunableName, Tunable>> = {
  maxAttempts: wholeNumber('attempts', 1, 1000, true),
  retryBaseSeconds: wholeNumber('seconds', 1, LONGEST_WAIT_SECONDS, true),
  retryCapSeconds: wholeNumber('seconds', 1, LONGEST_WAIT_SECONDS, true),
  logLevel: {
    allowed: `one of ${LOG_LEVELS.join(', ')}`,
    perConsumer: true,
    isValid: (value) => LOG_LEVELS.some((level) => level === value),
  },
  sweepAfterSeconds: wholeNumber('seconds', 60, 86_400, false),
  sweepMaxEvents: wholeNumber('events', 1, 100_000, false),
};

/** About twenty seconds of work on a healthy bus; the next run continues. */
export const DEFAULT_SWEEP_MAX_EVENTS = 10_000;

export const TUNABLE_NAMES = Object.keys(TUNABLES) as readonly TunableName[];

export const isTunableName = (name: string): name is TunableName => Object.hasOwn(TUNABLES, name);

/** Those that a consumer can have of its own. */
export const CONSUMER_TUNABLE_NAMES = TUNABLE_NAMES.filter(
  (name): name is keyof ConsumerTuning & TunableName => TUNABLES[name].perConsumer,
);

/** The parameter of Parameter Store that holds an environment's tuning. */
export const settingsParameterName = (environmentName: string): string => `/waybill/${environmentName}/settings`;

/** What an environment's name may consist of, since it is a level of the parameter's name: up to 64 characters. */
export const ENVIRONMENT_NAME_PATTERN = /^[\w.-]{1,64}$/;

export type ParsedTuning =
  | { readonly kind: 'valid'; readonly tuning: Tuning }
  /** Each problem names the member, the value, and what is allowed. */
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

/** Reads the content of a settings parameter. Never throws: the parameter can be edited by hand. */
export function parseTuning(text: string): ParsedTuning {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return { kind: 'refused', problems: [`the parameter must be a JSON object, got ${shown(text)}`] };
  }
  if (!isObject(content)) {
    return { kind: 'refused', problems: [`the parameter must be a JSON object, got ${shown(content)}`] };
  }
  const { consumers = {}, ...environment } = content;
  const problems = problemsOfScope(environment, TUNABLE_NAMES, '', ['consumers']);
  if (isObject(consumers)) {
    for (const [name, tuning] of Object.entries(consumers)) {
      const path = `consumers.${name}`;
      if (isObject(tuning)) problems.push(...problemsOfScope(tuning, CONSUMER_TUNABLE_NAMES, `${path}.`));
      else problems.push(`${path} must be an object, got ${shown(tuning)}`);
    }
  } else {
    problems.push(`consumers must be an object of consumers by their names, got ${shown(consumers)}`);
  }
  // every member has been checked
  return problems.length > 0 ? { kind: 'refused', problems } : { kind: 'valid', tuning: content as Tuning };
}

/** @returns what is wrong with a value, and what is allowed; undefined when it is valid */
export const problemOfTunable = (name: TunableName, value: unknown, path: string = name): string | undefined =>
  TUNABLES[name].isValid(value) ? undefined : `${path} must be ${TUNABLES[name].allowed}, got ${shown(value)}`;

/** What applies to a consumer: its own values before those of the environment. */
export function consumerTuningOf(tuning: Tuning, consumer: string): ConsumerTuning {
  const own = ownMember(tuning.consumers ?? {}, consumer) ?? {};
  return Object.fromEntries(
    CONSUMER_TUNABLE_NAMES.flatMap((name) => {
      const value = own[name] ?? tuning[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function problemsOfScope(
  scope: Readonly<Record<string, unknown>>,
  names: readonly TunableName[],
  prefix: string,
  others: readonly string[] = [],
): string[] {
  const problems = Object.entries(scope).flatMap(([name, value]) => {
    const known = names.find((each) => each === name);
    if (known !== undefined) return problemOfTunable(known, value, prefix + name) ?? [];
    return [`${prefix}${name} is no setting that can be tuned here, allowed are ${[...names, ...others].join(', ')}`];
  });
  const { retryBaseSeconds: base, retryCapSeconds: cap } = scope;
  if (problems.length === 0 && typeof base === 'number' && typeof cap === 'number' && base > cap) {
    problems.push(`${prefix}retryBaseSeconds must not be above retryCapSeconds, got ${base} and ${cap}`);
  }
  return problems;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
