import type { EpochMs } from '../../lib/shared/time.ts';
import type { EngineClock } from '../clock.ts';
import type { RunLog } from '../log.ts';
import { type AsyncEnding, describeEnding } from './async-record.ts';
import { type AsyncSettings, LONGEST_EVENT_AGE_SECONDS } from './async-settings.ts';
import { isRecursion, isThrottle } from './errors.ts';
import type { Request } from './function-pool.ts';
import type { InvokeResult } from './invocation.ts';

/** The function that an event is for. */
export interface AsyncTarget {
  readonly functionName: string;
  /** With its qualifier, `$LATEST` too. */
  readonly functionArn: string;
  readonly settings: AsyncSettings;
  invoke(request: Request): Promise<InvokeResult>;
  /** With the permissions of the function's role. */
  sendToQueue(queueArn: string, body: string): Promise<void>;
}

export interface AsyncInvocations {
  /** Takes the event and answers at once; what becomes of it is said in the run's log, and to its destinations. */
  accept(target: AsyncTarget, request: Request): void;
  /** Events that wait for another attempt. */
  waiting(): number;
  /** Events whose records are on their way to a destination. */
  reporting(): number;
  close(): void;
}

/** Pauses before the two retries of a failed event. @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const RETRY_DELAYS_MS = [60_000, 120_000] as const;

const FIRST_THROTTLE_DELAY_MS = 1000;
const LONGEST_THROTTLE_DELAY_MS = 5 * 60 * 1000;

interface Job {
  readonly target: AsyncTarget;
  readonly request: Request;
  readonly acceptedAt: EpochMs;
  failures: number;
  throttles: number;
  result: InvokeResult | undefined;
}

/** Lambda's own queue for invocations of type `Event`. */
export function createAsyncInvocations({
  clock,
  log,
}: {
  readonly clock: EngineClock;
  readonly log: RunLog;
}): AsyncInvocations {
  const cancels = new Set<() => void>();
  let reporting = 0;
  let closed = false;

  const later = (delayMs: number, job: Job) => {
    if (closed) return;
    const cancel = clock.schedule(delayMs, () => {
      cancels.delete(cancel);
      void attempt(job);
    });
    cancels.add(cancel);
  };

  const report = async ({ target, request, result, failures }: Job, condition: AsyncEnding['condition']) => {
    const { functionArn, functionName, settings } = target;
    const queueArn = condition === 'Success' ? settings.onSuccessArn : settings.onFailureArn;
    if (queueArn === undefined) return;
    const attempts = condition === 'Success' ? failures + 1 : failures;
    const record = describeEnding({
      condition,
      functionArn,
      payload: request.payload,
      result,
      attempts,
      at: clock.now(),
    });
    reporting++;
    try {
      await target.sendToQueue(queueArn, record);
    } catch (error) {
      log('error', functionName, 'the record of an asynchronous invocation did not reach its destination', {
        queueArn,
        error,
      });
    } finally {
      reporting--;
    }
  };

  const giveUp = (job: Job, condition: 'EventAgeExceeded' | 'RetriesExhausted', error: unknown) => {
    const { functionName, settings } = job.target;
    const fate = settings.onFailureArn === undefined ? 'is dropped' : 'goes to its destination';
    log('error', functionName, `an asynchronous invocation failed for good; its event ${fate}`, {
      attempts: job.failures,
      error,
    });
    return report(job, condition);
  };

  /** Tries again after the pause, unless the event is too old by then. */
  const retry = (job: Job, delayMs: number, error: unknown) => {
    const { maximumEventAgeSeconds = LONGEST_EVENT_AGE_SECONDS } = job.target.settings;
    if (clock.now() + delayMs - job.acceptedAt <= maximumEventAgeSeconds * 1000) return later(delayMs, job);
    return giveUp(job, 'EventAgeExceeded', error);
  };

  const attempt = async (job: Job): Promise<void> => {
    const { target, request } = job;
    try {
      job.result = await target.invoke(request);
    } catch (error) {
      const delayMs = Math.min(FIRST_THROTTLE_DELAY_MS * 2 ** job.throttles, LONGEST_THROTTLE_DELAY_MS);
      job.throttles++;
      if (isThrottle(error)) return retry(job, delayMs, error);
      if (closed) return;
      if (isRecursion(error)) return giveUp(job, 'RetriesExhausted', error);
      return log('error', target.functionName, 'an asynchronous invocation was refused; its event is dropped', {
        error,
      });
    }
    if (job.result.functionError === undefined) return report(job, 'Success');
    const { maximumRetryAttempts = RETRY_DELAYS_MS.length } = target.settings;
    const delayMs = job.failures < maximumRetryAttempts ? RETRY_DELAYS_MS[job.failures] : undefined;
    job.failures++;
    if (delayMs === undefined) return giveUp(job, 'RetriesExhausted', job.result.payload);
    return retry(job, delayMs, job.result.payload);
  };

  return {
    accept(target, request) {
      void attempt({ target, request, acceptedAt: clock.now(), failures: 0, throttles: 0, result: undefined });
    },
    waiting: () => cancels.size,
    reporting: () => reporting,
    close() {
      closed = true;
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
  };
}
