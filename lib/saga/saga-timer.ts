import { createHash } from 'node:crypto';
import { type SagaTimerData, sagaTimerDue } from '../definitions/index.ts';
import { type EventContext, type EventPrincipal, principalOf } from '../event/index.ts';
import { SagaTimerMessageError } from './errors.ts';
import type { RunningTimer } from './ports.ts';

/**
 * Writes the payload of a schedule. Escapes `<`, because the Scheduler replaces `<aws.scheduler.attempt-number>` and
 * similar placeholders, which a saga id may contain.
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 */
export const writeTimerMessage = (timer: RunningTimer): string => JSON.stringify(timer).replaceAll('<', '\\u003c');

/** @throws SagaTimerMessageError `SAGA_TIMER_MALFORMED` */
export function readTimerMessage(body: string): RunningTimer {
  const { saga, tenantId, correlationId, principal: named, ...data } = parse(body);
  if (typeof saga !== 'string' || typeof correlationId !== 'string') throw new SagaTimerMessageError(body);
  if (tenantId !== undefined && typeof tenantId !== 'string') throw new SagaTimerMessageError(body);
  const principal = readPrincipal(named);
  return {
    ...timerData(saga, data, body),
    saga,
    tenantId,
    correlationId,
    ...(principal === undefined ? {} : { principal }),
  };
}

function readPrincipal(value: unknown): EventPrincipal | undefined {
  const { type, id }: Readonly<Record<string, unknown>> = { ...Object(value) };
  return principalOf({
    ...(typeof type === 'string' ? { authtype: type } : {}),
    ...(typeof id === 'string' ? { authid: id } : {}),
  });
}

/** What the event of a timer inherits from its saga. */
export const timerContextOf = ({ correlationId, tenantId, principal }: RunningTimer): EventContext => ({
  correlationId,
  ...(tenantId === undefined ? {} : { tenantId }),
  ...(principal === undefined ? {} : { principal }),
});

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

/**
 * A schedule's name has at most 64 characters. @see
 * https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
 */
const STEP_LENGTH = 20;
const HASH_LENGTH = 32;

/**
 * The schedule's name. It is unique per timer, so that creating a schedule is idempotent. It includes the due time,
 * because an event that is retried an hour later needs another schedule than its first attempt created.
 */
export function timerName(timer: RunningTimer): string {
  const { tenantId = null, saga, sagaId, step, kind, attempt, dueAtSeconds } = timer;
  const hash = createHash('sha256')
    .update(JSON.stringify([tenantId, saga, sagaId, step, kind, attempt, dueAtSeconds]))
    .digest('base64url')
    .slice(0, HASH_LENGTH);
  return `${step.slice(0, STEP_LENGTH)}-${attempt}-${hash}`;
}
