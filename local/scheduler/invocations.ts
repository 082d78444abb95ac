import { type EpochMs, toTimestamp } from '../../lib/shared/time.ts';
import type { CancelTask, EngineClock } from '../clock.ts';
import { classifyFailure, type DeliveryFailure } from '../eventbridge/delivery-error.ts';
import { backoffMs } from '../eventbridge/retry-policy.ts';
import type { RunLog } from '../log.ts';
import type { SchedulerFaults } from './faults.ts';
import type { Schedule, ScheduleTarget } from './schedule.ts';

/** One attempt at a target. */
export interface TargetRequest {
  readonly target: ScheduleTarget;
  readonly scheduleArn: string;
  /** `Target.Input` with its context attributes filled in, or the notification that stands in for it. */
  readonly input: string;
}

export interface InvocationsOptions {
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
  readonly newId: () => string;
  readonly random: () => number;
  readonly log: RunLog;
  /** Rejects with an AwsError; throttling and answers of 500 and above are tried again. */
  readonly send: (request: TargetRequest) => Promise<void>;
  readonly sendToDeadLetterQueue: (
    request: TargetRequest,
    queueArn: string,
    attributes: Readonly<Record<string, string>>,
  ) => Promise<void>;
  /** @default none */
  readonly faults?: SchedulerFaults | undefined;
}

export interface Invocations {
  /** @param done called once the target has it, or nothing more will be tried. */
  start(schedule: Schedule, scheduledAt: EpochMs, done: () => void): void;
  /** Invocations under way or waiting for another attempt. */
  pending(): number;
  close(): void;
}

interface Job {
  readonly schedule: Schedule;
  readonly scheduledAt: EpochMs;
  readonly startedAt: EpochMs;
  readonly executionId: string;
  readonly done: () => void;
  retries: number;
}

type ExhaustedCondition = 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds';

/** Carries what is due to its target, with the retries of its policy, and what cannot be carried to its dead letters. */
export function createInvocations(options: InvocationsOptions): Invocations {
  const { clock, newId, random, log, send, sendToDeadLetterQueue, faults = {} } = options;
  const timers = new Set<CancelTask>();
  let pending = 0;
  let isClosed = false;

  const later = (delayMs: number, task: () => void) => {
    const cancel = clock.schedule(delayMs, () => {
      timers.delete(cancel);
      task();
    });
    timers.add(cancel);
  };

  const finish = (job: Job) => {
    pending--;
    job.done();
  };

  const giveUp = async (job: Job, failure: DeliveryFailure, exhausted?: ExhaustedCondition): Promise<void> => {
    const { schedule, retries } = job;
    const { target } = schedule;
    const about = { scheduleArn: schedule.arn, targetArn: target.arn, reason: failure.message };
    if (target.deadLetterArn === undefined) {
      return log('error', 'scheduler', 'a target could not be invoked, and has no dead-letter queue', about);
    }
    const attributes = {
      ERROR_CODE: failure.code,
      ERROR_MESSAGE: failure.message,
      ...(exhausted === undefined ? {} : { EXHAUSTED_RETRY_CONDITION: exhausted }),
      IS_PAYLOAD_TRUNCATED: 'false',
      RETRY_ATTEMPTS: String(retries),
      SCHEDULED_TIME: toSeconds(job.scheduledAt),
      SCHEDULE_ARN: schedule.arn,
      TARGET_ARN: target.arn,
    };
    try {
      await sendToDeadLetterQueue(requestOf(job, options), target.deadLetterArn, attributes);
      log('warn', 'scheduler', 'a target could not be invoked; its input went to the dead-letter queue', about);
    } catch (error) {
      log('error', 'scheduler', 'an input reached neither its target nor the dead-letter queue', { ...about, error });
    }
  };

  const failed = (job: Job, error: unknown) => {
    if (isClosed) return;
    const { maxRetryAttempts, maxEventAgeSeconds } = job.schedule.target.retryPolicy;
    const failure = classifyFailure(error);
    const end = (exhausted?: ExhaustedCondition) => void giveUp(job, failure, exhausted).finally(() => finish(job));
    if (!failure.retryable) return end();
    if (job.retries >= maxRetryAttempts) return end('MaximumRetryAttempts');
    const expiresAt = job.startedAt + maxEventAgeSeconds * 1000;
    const delayMs = Math.min(backoffMs(job.retries + 1, random), expiresAt - clock.now());
    later(delayMs, () => {
      if (clock.now() >= expiresAt) return end('MaximumEventAgeInSeconds');
      job.retries++;
      attempt(job);
    });
  };

  const attempt = (job: Job) => {
    send(requestOf(job, options)).then(
      () => finish(job),
      (error: unknown) => failed(job, error),
    );
  };

  return {
    start(schedule, scheduledAt, done) {
      const begin = (done: () => void) =>
        attempt({ schedule, scheduledAt, startedAt: clock.now(), executionId: newId(), done, retries: 0 });
      const { delayMs = 0, againAfterMs } = faults.onDue?.({ scheduleArn: schedule.arn, scheduledAt }) ?? {};
      pending++;
      if (delayMs > 0) later(delayMs, () => begin(done));
      else begin(done);
      if (againAfterMs === undefined) return;
      pending++;
      later(againAfterMs, () => begin(() => {}));
    },
    pending: () => (isClosed ? 0 : pending),
    close() {
      isClosed = true;
      for (const cancel of timers) cancel();
      timers.clear();
    },
  };
}

function requestOf(job: Job, { region, accountId }: InvocationsOptions): TargetRequest {
  const { schedule, scheduledAt, executionId, retries } = job;
  const { target, arn } = schedule;
  /** @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
  const attributes: Readonly<Record<string, string>> = {
    'schedule-arn': arn,
    'scheduled-time': toSeconds(scheduledAt),
    'execution-id': executionId,
    'attempt-number': String(retries + 1),
  };
  const notification = {
    version: '0',
    id: executionId,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account: accountId,
    time: toSeconds(scheduledAt),
    region,
    resources: [arn],
    detail: '{}',
  };
  const input = target.input?.replaceAll(
    /<aws\.scheduler\.([a-z-]+)>/g,
    (keyword, name: string) => attributes[name] ?? keyword,
  );
  return { target, scheduleArn: arn, input: input ?? JSON.stringify(notification) };
}

/** Without milliseconds, as the service writes times. */
const toSeconds = (instant: EpochMs): string => `${toTimestamp(instant).slice(0, 19)}Z`;
