import { isIntegerIn } from './configuration.ts';
import { invalidParameter } from './errors.ts';

/** What an EventInvokeConfig says of the asynchronous invocations by one qualifier of a function. */
export interface AsyncSettings {
  /** Retries after a function's error, 0 to 2. @default 2 */
  readonly maximumRetryAttempts?: number;
  /** 60 to 21,600. @default 21,600 */
  readonly maximumEventAgeSeconds?: number;
  /** ARN of a queue that gets a record of every event that was given up. */
  readonly onFailureArn?: string;
  /** ARN of a queue that gets a record of every event that was handled. */
  readonly onSuccessArn?: string;
}

export const LONGEST_EVENT_AGE_SECONDS = 6 * 60 * 60;
const MOST_RETRIES = 2;

/** @throws AwsError InvalidParameterValueException that names every problem at once. */
export function checkAsyncSettings(settings: AsyncSettings): void {
  const { maximumRetryAttempts = 0, maximumEventAgeSeconds = 60, onFailureArn, onSuccessArn } = settings;
  const problems = [
    !isIntegerIn(maximumRetryAttempts, 0, MOST_RETRIES) &&
      `MaximumRetryAttempts is ${maximumRetryAttempts}, allowed is 0 to ${MOST_RETRIES}`,
    !isIntegerIn(maximumEventAgeSeconds, 60, LONGEST_EVENT_AGE_SECONDS) &&
      `MaximumEventAgeInSeconds is ${maximumEventAgeSeconds}, allowed is 60 to ${LONGEST_EVENT_AGE_SECONDS}`,
    ...[onFailureArn, onSuccessArn].map(
      (arn) =>
        arn !== undefined &&
        !isStandardQueue(arn) &&
        `destination '${arn}' is none of the local run: name a standard SQS queue`,
    ),
  ].filter((problem) => problem !== false);
  if (problems.length > 0) throw invalidParameter(problems.join('; '));
}

const isStandardQueue = (arn: string): boolean => /^arn:[^:]+:sqs:[^:]+:\d+:[^:]+$/.test(arn) && !arn.endsWith('.fifo');
