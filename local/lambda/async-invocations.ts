import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { RunLog } from '../log.ts';
import type { InvokeResult } from './invocation.ts';

export interface AsyncInvocations {
  /** Takes the event and answers at once; what becomes of it is said in the run's log. */
  accept(functionName: string, payload: string): void;
  /** Events that wait for another attempt. */
  waiting(): number;
  close(): void;
}

/** Pauses before the two retries of a failed event. @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const RETRY_DELAYS_MS = [60_000, 120_000] as const;

const MAX_EVENT_AGE_MS = 6 * 60 * 60 * 1000;
const FIRST_THROTTLE_DELAY_MS = 1000;
const LONGEST_THROTTLE_DELAY_MS = 5 * 60 * 1000;

/** Lambda's own queue for invocations of type `Event`. */
export function createAsyncInvocations(deps: {
  readonly clock: EngineClock;
  readonly log: RunLog;
  readonly invoke: (functionName: string, payload: string) => Promise<InvokeResult>;
}): AsyncInvocations {
  const { clock, log, invoke } = deps;
  const cancels = new Set<() => void>();
  let closed = false;

  const later = (delayMs: number, task: () => void) => {
    if (closed) return;
    const cancel = clock.schedule(delayMs, () => {
      cancels.delete(cancel);
      task();
    });
    cancels.add(cancel);
  };

  const attempt = async (functionName: string, payload: string, since: number, failures: number, throttles: number) => {
    try {
      const { functionError, payload: answer } = await invoke(functionName, payload);
      if (functionError === undefined) return;
      const delayMs = RETRY_DELAYS_MS[failures];
      if (delayMs !== undefined && clock.now() + delayMs - since <= MAX_EVENT_AGE_MS) {
        return later(delayMs, () => void attempt(functionName, payload, since, failures + 1, throttles));
      }
      log('error', functionName, 'an asynchronous invocation failed for good; its event is dropped', {
        attempts: failures + 1,
        error: answer,
      });
    } catch (error) {
      const delayMs = Math.min(FIRST_THROTTLE_DELAY_MS * 2 ** throttles, LONGEST_THROTTLE_DELAY_MS);
      const isThrottle = error instanceof AwsError && error.code === 'TooManyRequestsException';
      if (isThrottle && clock.now() + delayMs - since <= MAX_EVENT_AGE_MS) {
        return later(delayMs, () => void attempt(functionName, payload, since, failures, throttles + 1));
      }
      if (!closed)
        log('error', functionName, 'an asynchronous invocation was refused; its event is dropped', { error });
    }
  };

  return {
    accept(functionName, payload) {
      void attempt(functionName, payload, clock.now(), 0, 0);
    },
    waiting: () => cancels.size,
    close() {
      closed = true;
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
  };
}
