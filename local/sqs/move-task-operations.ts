import type { EngineClock } from '../clock.ts';
import { invalidParameter, invalidValue, overLimit, resourceNotFound, unsupportedOperation } from './errors.ts';
import type { Input } from './input.ts';
import { type MoveTask, startMoveTask } from './move-task.ts';
import type { Operations } from './operation.ts';
import type { Queue } from './queue.ts';
import type { QueueRegistry } from './queue-registry.ts';

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
const MAX_MESSAGES_PER_SECOND = 500;
const MAX_ACTIVE_TASKS = 100;
/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasks.html */
const MAX_LISTED_TASKS = 10;

export interface MoveTaskOperations {
  readonly operations: Operations;
  /** Tasks that still move messages. */
  active(): number;
  /** Stops all running tasks. */
  close(): void;
}

/** The redrive of dead letters, as the console does it. */
export function createMoveTaskOperations(
  registry: QueueRegistry,
  clock: EngineClock,
  newId: () => string,
): MoveTaskOperations {
  /** By their id, in the order in which they were started. */
  const tasks = new Map<string, MoveTask>();

  const queueOf = (arn: string, name: string): Queue => {
    if (!/^arn:[^:]+:sqs:[^:]+:\d+:[^:]+$/.test(arn)) {
      throw invalidParameter(
        `You must use this format to specify the ${name}: arn:<partition>:<service>:<region>:<account-id>:<resource-id>`,
      );
    }
    const queue = registry.findByArn(arn);
    if (queue !== undefined) return queue;
    throw resourceNotFound(`The resource that you specified for the ${name} parameter doesn't exist.`);
  };

  const start = (source: Queue, destinationArn: string | undefined, messagesPerSecond: number | undefined) => {
    const active = [...tasks.values()].filter(isRunning);
    if (active.some((task) => task.source === source)) {
      throw invalidParameter(
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      );
    }
    if (active.length >= MAX_ACTIVE_TASKS) {
      throw overLimit(
        `${MAX_ACTIVE_TASKS} message move tasks are active, which is the limit; wait for one or cancel it.`,
      );
    }
    const id = newId();
    const findQueue = registry.findByArn;
    tasks.set(id, startMoveTask({ clock, source, destinationArn, messagesPerSecond, findQueue }));
    return id;
  };

  return {
    operations: {
      StartMessageMoveTask(input) {
        const source = queueOf(input.string('SourceArn'), 'SourceArn');
        if (registry.sourcesOf(source).length === 0) {
          throw invalidParameter('Source queue must be configured as a Dead Letter Queue.');
        }
        const destinationArn = input.optionalString('DestinationArn');
        if (destinationArn !== undefined) assertDestination(source, queueOf(destinationArn, 'DestinationArn'));
        const id = start(source, destinationArn, readRate(input));
        return { TaskHandle: writeTaskHandle(id, source.arn) };
      },
      ListMessageMoveTasks(input) {
        const source = queueOf(input.string('SourceArn'), 'SourceArn');
        const max = input.optionalInteger('MaxResults') ?? 1;
        if (max < 1 || max > MAX_LISTED_TASKS) {
          throw invalidValue(max, 'MaxResults', `Must be between 1 and ${MAX_LISTED_TASKS}, if provided.`);
        }
        const latestFirst = [...tasks].filter(([, task]) => task.source === source).reverse();
        return { Results: latestFirst.slice(0, max).map(([id, task]) => describe(id, task)) };
      },
      CancelMessageMoveTask(input) {
        const handle = readTaskHandle(input.string('TaskHandle'));
        if (handle === undefined) throw invalidParameter('Value for parameter TaskHandle is invalid.');
        queueOf(handle.sourceArn, 'SourceArn');
        const task = tasks.get(handle.id);
        if (task === undefined) throw resourceNotFound('Task does not exist.');
        if (!isRunning(task)) {
          throw unsupportedOperation(`Only a running task can be cancelled; this one is ${task.status()}.`);
        }
        task.cancel();
        return { ApproximateNumberOfMessagesMoved: task.moved() };
      },
    },
    active: () => [...tasks.values()].filter(isRunning).length,
    close() {
      for (const task of tasks.values()) task.cancel();
    },
  };
}

function assertDestination(source: Queue, destination: Queue): void {
  if (destination === source) {
    throw invalidParameter('Source queue arn and destination queue arn cannot be the same.');
  }
  if (destination.isFifo !== source.isFifo) {
    throw invalidParameter('The source queue and destination queue must be of the same queue type.');
  }
}

function readRate(input: Input): number | undefined {
  const rate = input.optionalInteger('MaxNumberOfMessagesPerSecond');
  if (rate === undefined || (rate >= 1 && rate <= MAX_MESSAGES_PER_SECOND)) return rate;
  throw invalidParameter(
    `Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: You must enter a number that's between 1 and ${MAX_MESSAGES_PER_SECOND}.`,
  );
}

const describe = (id: string, task: MoveTask) => ({
  TaskHandle: isRunning(task) ? writeTaskHandle(id, task.source.arn) : undefined,
  Status: task.status(),
  SourceArn: task.source.arn,
  DestinationArn: task.destinationArn,
  MaxNumberOfMessagesPerSecond: task.messagesPerSecond,
  ApproximateNumberOfMessagesMoved: task.moved(),
  ApproximateNumberOfMessagesToMove: task.toMove,
  FailureReason: task.failureReason(),
  StartedTimestamp: task.startedAt,
});

const isRunning = (task: MoveTask) => task.status() === 'RUNNING';

const writeTaskHandle = (taskId: string, sourceArn: string): string =>
  Buffer.from(JSON.stringify({ taskId, sourceArn })).toString('base64');

function readTaskHandle(handle: string): { readonly id: string; readonly sourceArn: string } | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(handle, 'base64').toString('utf8'));
    const { taskId, sourceArn } = { ...(parsed as { readonly taskId?: unknown; readonly sourceArn?: unknown }) };
    return typeof taskId === 'string' && typeof sourceArn === 'string' ? { id: taskId, sourceArn } : undefined;
  } catch {
    return undefined;
  }
}
