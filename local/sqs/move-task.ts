import type { EpochMs } from '../../lib/shared/time.ts';
import type { CancelTask, EngineClock } from '../clock.ts';
import type { Queue } from './queue.ts';

/** Messages per step of a task without a rate: long tasks let other work in between. */
const UNTHROTTLED_STEP = 1_000;
/** A task with a high rate moves several messages per step rather than stepping more often. */
const SHORTEST_STEP_MS = 10;

type MoveTaskStatus = 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';

export interface MoveTask {
  readonly source: Queue;
  readonly destinationArn: string | undefined;
  readonly messagesPerSecond: number | undefined;
  readonly startedAt: EpochMs;
  /** Messages available when the task started. */
  readonly toMove: number;
  status(): MoveTaskStatus;
  moved(): number;
  failureReason(): string | undefined;
  /** Stops a running task; what was moved stays moved. */
  cancel(): void;
}

export interface MoveTaskOptions {
  readonly clock: EngineClock;
  readonly source: Queue;
  /** Undefined: each message goes back to the queue whose dead letter it is. */
  readonly destinationArn: string | undefined;
  /** Undefined: as fast as possible. */
  readonly messagesPerSecond: number | undefined;
  readonly findQueue: (arn: string) => Queue | undefined;
}

/** Moves what a dead-letter queue has available, the oldest first, until nothing is left. */
export function startMoveTask(options: MoveTaskOptions): MoveTask {
  const { clock, source, destinationArn, messagesPerSecond, findQueue } = options;
  const startedAt = clock.now();
  const toMove = source.core.counts().visible;
  let status: MoveTaskStatus = 'RUNNING';
  let failureReason: string | undefined;
  let moved = 0;
  let cancelStep: CancelTask = () => {};

  const fail = (reason: string) => {
    status = 'FAILED';
    failureReason = reason;
  };

  const allowance = () =>
    messagesPerSecond === undefined
      ? UNTHROTTLED_STEP
      : Math.floor(((clock.now() - startedAt) * messagesPerSecond) / 1000) - moved;

  const moveOne = () => {
    const [message] = source.core.available();
    if (message === undefined) {
      status = 'COMPLETED';
      return;
    }
    const arn = destinationArn ?? message.deadLetterSourceArn;
    if (arn === undefined) return fail('CouldNotDetermineMessageSource');
    const destination = findQueue(arn);
    if (destination === undefined) return fail('AWS.SimpleQueueService.NonExistentQueue');
    source.remove(message);
    destination.acceptMoved(message);
    moved += 1;
  };

  const step = () => {
    if (findQueue(source.arn) !== source) fail('AWS.SimpleQueueService.NonExistentQueue');
    for (let left = allowance(); left > 0 && status === 'RUNNING'; left -= 1) moveOne();
    // a task whose last message has gone is done, rather than one step later
    if (status === 'RUNNING' && source.core.counts().visible === 0) status = 'COMPLETED';
    if (status === 'RUNNING') schedule();
  };

  const schedule = () => {
    const delayMs = messagesPerSecond === undefined ? 0 : Math.max(1000 / messagesPerSecond, SHORTEST_STEP_MS);
    cancelStep = clock.schedule(delayMs, step);
  };
  schedule();

  return {
    source,
    destinationArn,
    messagesPerSecond,
    startedAt,
    toMove,
    status: () => status,
    moved: () => moved,
    failureReason: () => failureReason,
    cancel() {
      if (status !== 'RUNNING') return;
      cancelStep();
      status = 'CANCELLED';
    },
  };
}
