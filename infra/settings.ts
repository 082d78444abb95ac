import { z } from 'zod';
import { EVENT_INDEXES, type EventIndexes, METRIC_NAMESPACE, WaybillError } from '../lib/definitions/index.ts';
import { nearestOf } from '../lib/shared/nearest.ts';

/** The longest that SQS keeps a message, hence what every dead-letter queue uses. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
export const DEAD_LETTER_RETENTION_DAYS = 14;

/** What CloudWatch Logs offers, up to two years. @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const LOG_RETENTION_DAYS: readonly EnvironmentSettings['logRetentionDays'][] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
];

/** Of 255 characters at most. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html */
const METRIC_NAMESPACE_PATTERN = new RegExp(`^${METRIC_NAMESPACE}/[\\w.-]{1,200}$`);

/** A value as a message quotes it. @public the settings of a service are read alike */
export const show = (value: unknown): string => JSON.stringify(value) ?? String(value);

const wholeNumber = (unit: string, min: number, max: number) => {
  const error = (issue: { readonly input?: unknown }): string =>
    `must be a whole number of ${unit} from ${min} to ${max}, got ${show(issue.input)}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};

const flag = () => z.boolean({ error: (issue) => `must be true or false, got ${show(issue.input)}` });

/** One of a few values. @public the settings of a service are read alike */
export const oneOf = <const Value extends string | number>(values: readonly Value[]) =>
  z.literal(values, { error: (issue) => `must be one of ${values.join(', ')}, got ${show(issue.input)}` });

/** What is said of names that are no settings. @param whose owner of the settings, `of the shop`. @public the settings of a service are read alike */
export function unknownSettings(names: readonly string[], allowed: readonly string[], whose = ''): string {
  const meant = names.flatMap((name) => nearestOf(name, allowed) ?? []);
  const guess = meant.length === 0 ? '' : `did you mean ${meant.join(', ')}? `;
  const told = names.map((name) => `'${name}'`).join(', ');
  return `${told} is no setting${whose === '' ? '' : ` ${whose}`}: ${guess}choose from ${allowed.join(', ')}`;
}

/**
 * What may differ between environments. Get one from `defineSettings`, `parseSettings` or `selectEnvironment`: they check
 * what the type cannot.
 */
export interface EnvironmentSettings {
  /** How long the outbox log keeps an event: at least as long as a consumer can come back for it. */
  readonly outboxRetentionDays: number;
  /** How long a consumer remembers what it has handled: at least as long as a message can come back. */
  readonly inboxExpiryDays: number;
  /** How long the bus's archive keeps an event for replays. */
  readonly archiveRetentionDays: number;
  /** How long an unhandled message waits in a consumer's queue; shorter than in its dead-letter queue. */
  readonly queueRetentionDays: number;
  readonly logRetentionDays: 1 | 3 | 5 | 7 | 14 | 30 | 60 | 90 | 120 | 150 | 180 | 365 | 400 | 545 | 731;
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  /** Executions of one consumer at a time. @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
  readonly maxConcurrency: number;
  /**
   * Executions at a time that Lambda allows the account in the Region: its quota, 1000 by default and 10 in a new account.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
   */
  readonly accountConcurrency: number;
  /**
   * Executions kept for the relay (and then two for the sweeper), which the relay never exceeds: one for each shard of the
   * outbox's stream. 0 keeps none: it shares the account's. An account with a quota of 10 can keep none.
   */
  readonly relayReservedConcurrency: number;
  /** Receives before a message becomes a dead letter; AWS advises 5 or more. @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
  readonly maxReceiveCount: number;
  /** How often the sweeper looks for events that the relay has not published. */
  readonly sweepEveryMinutes: number;
  /**
   * Age from which it publishes them. Two minutes are two attempts of the relay, each of which waits up to one for a bus
   * that throttles: sooner, the two would publish the same events and throttle each other.
   */
  readonly sweepAfterSeconds: number;
  /** CloudWatch namespace of the functions' own metrics: one for each environment of an account. */
  readonly metricNamespace: string;
  readonly alarmsEnabled: boolean;
  /** SNS topic that every alarm notifies. Without it, alarms only change their state. */
  readonly alarmTopicArn?: string | undefined;
  /** What `cdk destroy` does to tables, logs and buckets. */
  readonly removalPolicy: 'destroy' | 'retain';
  /** DynamoDB's deletion protection for all tables. */
  readonly deletionProtection: boolean;
  readonly pointInTimeRecovery: boolean;
  /** X-Ray traces of every function. */
  readonly tracing: boolean;
  /** Whether everything belongs to a tenant (docs/tenancy.md). Choose it before the first event: stored keys depend on it. */
  readonly tenancy: 'none' | 'required';
  /** Hours after which the pause of a group alarms, 1 to 720. @default 24 */
  readonly longestPauseHours?: number | undefined;
  /**
   * Whether the outbox log stores an event compressed if that saves a write unit. Turn it on once all services of the hub
   * run a version that reads compressed events (docs/upgrading.md). @default false
   */
  readonly compressEvents?: boolean | undefined;
  /**
   * Indexes of the outbox log: `id` finds an event by its id without a scan, `all` also traces a correlation
   * (`waybill trace`). Each index costs a write unit for each event. A table that exists gets one index in each
   * deployment: `id` first, then `all`. @default 'none'
   */
  readonly eventIndexes?: EventIndexes | undefined;
}

const fields = {
  outboxRetentionDays: wholeNumber('days', 1, 3650),
  inboxExpiryDays: wholeNumber('days', 1, 3650),
  archiveRetentionDays: wholeNumber('days', 1, 3650),
  queueRetentionDays: wholeNumber('days', 1, DEAD_LETTER_RETENTION_DAYS - 1),
  logRetentionDays: oneOf(LOG_RETENTION_DAYS),
  logLevel: oneOf(['DEBUG', 'INFO', 'WARN', 'ERROR']),
  maxConcurrency: wholeNumber('executions', 2, 1000),
  accountConcurrency: wholeNumber('executions', 10, 1_000_000),
  relayReservedConcurrency: wholeNumber('executions', 0, 1000),
  maxReceiveCount: wholeNumber('receives', 1, 1000),
  sweepEveryMinutes: wholeNumber('minutes', 1, 60),
  sweepAfterSeconds: wholeNumber('seconds', 60, 86_400),
  metricNamespace: z
    .string({ error: (issue) => `must be a CloudWatch namespace, got ${show(issue.input)}` })
    .regex(METRIC_NAMESPACE_PATTERN, {
      error: (issue) =>
        `must be '${METRIC_NAMESPACE}', '/' and letters, digits, '.', '-', '_', such as ${METRIC_NAMESPACE}/prod, got ${show(issue.input)}`,
    }),
  alarmsEnabled: flag(),
  alarmTopicArn: z
    .string({ error: (issue) => `must be the ARN of an SNS topic, got ${show(issue.input)}` })
    .regex(/^arn:[\w-]+:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/, {
      error: (issue) =>
        `must be the ARN of an SNS topic, such as arn:aws:sns:eu-west-1:111122223333:alarms, got ${show(issue.input)}`,
    })
    .optional(),
  removalPolicy: oneOf(['destroy', 'retain']),
  deletionProtection: flag(),
  pointInTimeRecovery: flag(),
  tracing: flag(),
  tenancy: oneOf(['none', 'required']),
  longestPauseHours: wholeNumber('hours', 1, 720).optional(),
  compressEvents: flag().optional(),
  eventIndexes: oneOf(EVENT_INDEXES).optional(),
} as const satisfies Readonly<Record<keyof EnvironmentSettings, z.ZodType>>;

export const SETTING_NAMES: readonly string[] = Object.keys(fields);

const schema = z
  .strictObject(fields, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? unknownSettings(issue.keys, SETTING_NAMES) : undefined),
  })
  .readonly();

/** Settings that are unknown, out of range or contradict each other. */
export class SettingsError extends WaybillError {
  readonly code = 'SETTINGS_INVALID';
  readonly problems: readonly string[];

  constructor(subject: string, problems: readonly string[]) {
    super(`${subject} cannot be used:${problems.map((each) => `\n  - ${each}`).join('')}`);
    this.problems = problems;
  }
}

/**
 * @param subject what the message calls the settings: `environment 'prod'`
 * @throws SettingsError `SETTINGS_INVALID` with every problem, the value got and the values allowed
 */
export function parseSettings(subject: string, input: unknown): EnvironmentSettings {
  const result = schema.safeParse(input);
  if (!result.success) {
    throw new SettingsError(
      subject,
      result.error.issues.map((issue) => [issue.path.join('.'), issue.message].filter(Boolean).join(' ')),
    );
  }
  const problems = contradictions(result.data);
  if (problems.length > 0) throw new SettingsError(subject, problems);
  return result.data;
}

/**
 * How long a message can be under way: its time in the queue, then as a dead letter. Moving to a FIFO dead-letter
 * queue restarts its retention.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
 */
export const longestWayDays = (queueRetentionDays: number): number => queueRetentionDays + DEAD_LETTER_RETENTION_DAYS;

function contradictions(settings: EnvironmentSettings): readonly string[] {
  const { queueRetentionDays, removalPolicy, deletionProtection, accountConcurrency, relayReservedConcurrency } =
    settings;
  const way = longestWayDays(queueRetentionDays);
  const explained = `queueRetentionDays ${queueRetentionDays} + ${DEAD_LETTER_RETENTION_DAYS} days as a dead letter`;
  const problems: string[] = [];
  if (settings.outboxRetentionDays < way) {
    problems.push(
      `outboxRetentionDays must be at least ${way} (${explained}), got ${settings.outboxRetentionDays}: an event would be gone from the log before its redrive`,
    );
  }
  if (settings.inboxExpiryDays < way) {
    problems.push(
      `inboxExpiryDays must be at least ${way} (${explained}), got ${settings.inboxExpiryDays}: a redriven event could take effect twice`,
    );
  }
  if (relayReservedConcurrency > 0 && relayReservedConcurrency + 2 > accountConcurrency - 100) {
    problems.push(
      `relayReservedConcurrency must leave the account 100 unreserved executions and the sweeper 2, at most ${Math.max(accountConcurrency - 102, 0)} of accountConcurrency ${accountConcurrency}, got ${relayReservedConcurrency}: lower it, or have the quota raised and set accountConcurrency`,
    );
  }
  if (deletionProtection && removalPolicy === 'destroy') {
    problems.push(
      "deletionProtection true contradicts removalPolicy 'destroy': cdk destroy would fail; set removalPolicy to 'retain' or deletionProtection to false",
    );
  }
  return problems;
}
