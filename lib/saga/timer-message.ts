import { type SagaTimerData, sagaTimerDue } from '../contracts/index.ts';
import { SagaTimerMessageError } from './errors.ts';
import type { RunningTimer } from './ports.ts';

/**
 * What a schedule carries. Without a `<`: the Scheduler fills in `<aws.scheduler.attempt-number>` and the like wherever
 * it finds them, and an instance may be named so.
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 */
export const writeTimerMessage = (timer: RunningTimer): string => JSON.stringify(timer).replaceAll('<', '\\u003c');

/** @throws SagaTimerMessageError `SAGA_TIMER_MALFORMED` */
export function readTimerMessage(body: string): RunningTimer {
  const { saga, tenantId, correlationId, ...data } = parse(body);
  if (typeof saga !== 'string' || typeof correlationId !== 'string') throw new SagaTimerMessageError(body);
  if (tenantId !== undefined && typeof tenantId !== 'string') throw new SagaTimerMessageError(body);
  return { ...timerData(saga, data, body), saga, tenantId, correlationId };
}

function timerData(saga: string, data: unknown, body: string): SagaTimerData {
  const result = sagaTimerDue(saga).schema['~standard'].validate(data);
  if (result instanceof Promise || result.issues !== undefined) throw new SagaTimerMessageError(body);
  return result.value;
}

function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    return { ...Object(JSON.parse(body)) };
  } catch {
    throw new SagaTimerMessageError(body);
  }
}
