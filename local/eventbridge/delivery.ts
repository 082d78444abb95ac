import type { CancelTask, EngineClock } from '../clock.ts';
import type { RunLog } from '../log.ts';
import type { BusEvent } from './bus-event.ts';
import { classifyFailure, type DeliveryFailure } from './delivery-error.ts';
import type { EventBridgeFaults } from './faults.ts';
import { backoffMs } from './retry-policy.ts';
import type { Rule, Target } from './rule.ts';

/** One event for one target of one rule. */
interface Delivery {
  readonly event: BusEvent;
  readonly rule: Rule;
  readonly target: Target;
}

/** What a target's service is asked to take. */
export interface DeliveryRequest {
  readonly targetArn: string;
  readonly ruleArn: string;
  /** The body after InputPath, InputTransformer or Input. */
  readonly input: string;
  readonly messageGroupId?: string;
}

export interface Deliveries {
  /** Starts at once: deliveries to one target begin in the order of these calls. */
  start(delivery: Delivery): void;
  pending(): number;
  close(): void;
}

/** Sends a message with attributes to a standard queue: the dead-letter queue of a target. */
export type SendToDeadLetterQueue = (
  queueArn: string,
  body: string,
  attributes: Readonly<Record<string, string>>,
  ruleArn: string,
) => Promise<void>;

export interface DeliveriesOptions {
  readonly clock: EngineClock;
  readonly random: () => number;
  readonly log: RunLog;
  readonly faults: EventBridgeFaults;
  readonly send: (request: DeliveryRequest, delivery: Delivery) => Promise<void>;
  readonly sendToDeadLetterQueue: SendToDeadLetterQueue;
}

interface Job {
  readonly delivery: Delivery;
  readonly request: DeliveryRequest;
  retries: number;
}

/** Our choice: AWS says no more than that sending to a dead-letter queue can fail, too. */
const DEAD_LETTER_RETRIES = 5;

type ExhaustedCondition = 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds';

export function createDeliveries(options: DeliveriesOptions): Deliveries {
  const { clock, random, log, faults, send, sendToDeadLetterQueue } = options;
  const timers = new Set<CancelTask>();
  /** By target: deliveries that wait to be overtaken. */
  const heldBack = new Map<string, (() => void)[]>();
  let pending = 0;
  let isClosed = false;

  const finish = () => {
    pending--;
  };

  const later = (delayMs: number, task: () => void) => {
    const cancel = clock.schedule(delayMs, () => {
      timers.delete(cancel);
      task();
    });
    timers.add(cancel);
  };

  /** A dead-letter queue that throttles, or does not answer, is asked again. */
  const withRetries = async (send: () => Promise<void>) => {
    for (let retry = 1; ; retry++) {
      try {
        return await send();
      } catch (error) {
        if (isClosed || retry > DEAD_LETTER_RETRIES || !classifyFailure(error).retryable) throw error;
        await new Promise<void>((resolve) => later(backoffMs(retry, random), resolve));
      }
    }
  };

  const giveUp = async (
    delivery: Delivery,
    failure: DeliveryFailure,
    retries: number,
    exhausted?: ExhaustedCondition,
  ) => {
    const { event, rule, target } = delivery;
    const { deadLetterArn } = target;
    const about = { ruleArn: rule.arn, targetArn: target.arn, eventId: event.fields['id'], reason: failure.message };
    if (deadLetterArn === undefined) {
      log(
        'error',
        'events',
        'an event could not be delivered and is dropped: its target has no dead-letter queue',
        about,
      );
      return;
    }
    const attributes = {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.arn,
      ERROR_CODE: failure.code,
      ERROR_MESSAGE: failure.message,
      RETRY_ATTEMPTS: String(retries),
      ...(exhausted === undefined ? {} : { EXHAUSTED_RETRY_CONDITION: exhausted }),
    };
    try {
      await withRetries(() => sendToDeadLetterQueue(deadLetterArn, event.json, attributes, rule.arn));
      log('warn', 'events', 'an event could not be delivered and went to the dead-letter queue of its target', about);
    } catch (error) {
      log('error', 'events', 'an event could be delivered neither to its target nor to the dead-letter queue', {
        ...about,
        deadLetterArn,
        error,
      });
    }
  };

  const endInDeadLetters = (
    delivery: Delivery,
    failure: DeliveryFailure,
    retries: number,
    why?: ExhaustedCondition,
  ) => {
    giveUp(delivery, failure, retries, why).finally(finish);
  };

  const failed = (job: Job, error: unknown) => {
    if (isClosed) return;
    const { delivery } = job;
    const { maxRetryAttempts, maxEventAgeSeconds } = delivery.target.retryPolicy;
    const failure = classifyFailure(error);
    if (!failure.retryable) return endInDeadLetters(delivery, failure, job.retries);
    if (job.retries >= maxRetryAttempts) {
      return endInDeadLetters(delivery, failure, job.retries, 'MaximumRetryAttempts');
    }
    const expiresAt = delivery.event.ingestedAt + maxEventAgeSeconds * 1000;
    later(Math.min(backoffMs(job.retries + 1, random), expiresAt - clock.now()), () => {
      if (clock.now() >= expiresAt) {
        return endInDeadLetters(delivery, failure, job.retries, 'MaximumEventAgeInSeconds');
      }
      job.retries++;
      attempt(job);
    });
  };

  const attempt = (job: Job) => {
    const retriesLeft = job.delivery.target.retryPolicy.maxRetryAttempts - job.retries;
    const refusal = faults.onAttempt?.(toInfo(job.delivery), job.retries + 1, retriesLeft);
    const sending = refusal === undefined ? send(job.request, job.delivery) : Promise.reject(refusal);
    sending.then(finish, (error: unknown) => failed(job, error));
  };

  const begin = (delivery: Delivery) => {
    let request: DeliveryRequest;
    try {
      request = toRequest(delivery);
    } catch (error) {
      return endInDeadLetters(delivery, classifyFailure(error), 0);
    }
    attempt({ delivery, request, retries: 0 });
    const passed = heldBack.get(delivery.target.arn) ?? [];
    heldBack.delete(delivery.target.arn);
    for (const letGo of passed) letGo();
  };

  const holdBack = (delivery: Delivery, longestMs: number) => {
    let isHeld = true;
    const letGo = () => {
      if (!isHeld || isClosed) return;
      isHeld = false;
      begin(delivery);
    };
    heldBack.set(delivery.target.arn, [...(heldBack.get(delivery.target.arn) ?? []), letGo]);
    later(longestMs, letGo);
  };

  return {
    start(delivery) {
      const fault = faults.onDelivery?.(toInfo(delivery)) ?? {};
      const { copies = 1, delayMs = 0, againAfterMs, overtakenWithinMs } = fault;
      for (let copy = 0; copy < copies; copy++) {
        pending++;
        if (overtakenWithinMs !== undefined) holdBack(delivery, overtakenWithinMs);
        else if (delayMs > 0) later(delayMs, () => begin(delivery));
        else begin(delivery);
      }
      if (againAfterMs !== undefined) {
        pending++;
        later(againAfterMs, () => begin(delivery));
      }
    },
    pending: () => (isClosed ? 0 : pending),
    close() {
      isClosed = true;
      for (const cancel of timers) cancel();
      timers.clear();
    },
  };
}

function toRequest({ event, rule, target }: Delivery): DeliveryRequest {
  const messageGroupId = target.messageGroupId?.(event);
  return {
    targetArn: target.arn,
    ruleArn: rule.arn,
    input: target.input(event, rule),
    ...(messageGroupId === undefined ? {} : { messageGroupId }),
  };
}

const toInfo = ({ event, rule, target }: Delivery) => ({
  ruleArn: rule.arn,
  targetArn: target.arn,
  event: event.fields,
});
