import { createHash } from 'node:crypto';
import type { RunningTimer } from './ports.ts';

/** Of a schedule's 64 characters at most. @see https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html */
const STEP_LENGTH = 20;
const HASH_LENGTH = 32;

/**
 * The same for the same timer, and for no other: within a group of schedules it makes creating one idempotent. The due
 * time is in it: an event that is tried again after an hour needs another schedule than its first attempt left behind.
 */
export function timerName(timer: RunningTimer): string {
  const { tenantId = null, saga, sagaId, step, kind, attempt, dueAtSeconds } = timer;
  const hash = createHash('sha256')
    .update(JSON.stringify([tenantId, saga, sagaId, step, kind, attempt, dueAtSeconds]))
    .digest('base64url')
    .slice(0, HASH_LENGTH);
  return `${step.slice(0, STEP_LENGTH)}-${attempt}-${hash}`;
}
