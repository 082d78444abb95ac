import { addMs, type EpochMs } from '../../lib/shared/time.ts';
import type { EngineClock } from '../clock.ts';
import type { RunLog } from '../log.ts';
import { createCallRate } from './call-rate.ts';
import { createDisturbances } from './disturbances.ts';
import { overLimit, purgeInProgress, queueDoesNotExist, rateExceeded } from './errors.ts';
import type { SqsFaults } from './faults.ts';
import { createFifoOrder, type GroupLock } from './fifo-order.ts';
import type { SqsLimits } from './limits.ts';
import { createLongPolls } from './long-polls.ts';
import { withLookAhead } from './look-ahead.ts';
import { createMessageIntake, type MessageIntake } from './message-intake.ts';
import { type QueueAttributes, type QueueSettings, settingsOf } from './queue-attributes.ts';
import { createQueueCore, type QueueCore } from './queue-core.ts';
import type { QueuedMessage } from './queued-message.ts';
import { createReceiveAttempts } from './receive-attempts.ts';
import { createStandardOrder } from './standard-order.ts';

export interface QueueOptions {
  readonly clock: EngineClock;
  readonly name: string;
  readonly arn: string;
  readonly isFifo: boolean;
  readonly attributes: QueueAttributes;
  readonly tags: Readonly<Record<string, string>>;
  readonly newId: () => string;
  /** Rises with every message of the run. */
  readonly nextOrder: () => number;
  readonly findQueue: (arn: string) => Queue | undefined;
  readonly log: RunLog;
  /** FIFO queues only. */
  readonly groupLock: GroupLock;
  readonly limits: SqsLimits;
  readonly faults: SqsFaults;
}

interface ReceiveRequest {
  readonly maxMessages: number;
  readonly visibilityMs: number;
  readonly attemptId: string | undefined;
}

export interface Queue extends Omit<MessageIntake, 'forgetDuplicates'> {
  readonly name: string;
  readonly arn: string;
  readonly isFifo: boolean;
  readonly createdAt: EpochMs;
  readonly tags: Map<string, string>;
  readonly core: Pick<QueueCore, 'find' | 'available' | 'all' | 'counts' | 'oldestSentAt'>;
  attributes(): QueueAttributes;
  settings(): QueueSettings;
  modifiedAt(): EpochMs;
  setAttributes(attributes: QueueAttributes): void;
  /**
   * Counts a call of the action against the queue's rate, or against that of the message groups.
   * @throws AwsError `ThrottlingException`
   */
  admit(action: 'send' | 'receive' | 'delete' | 'changeVisibility', groupIds?: readonly string[]): void;
  /** As GetQueueAttributes shows them; `core` knows better. */
  approximateCounts(): ReturnType<QueueCore['counts']>;
  /** Waits up to `waitMs` for a first message; empty when none came. */
  receive(request: ReceiveRequest, waitMs: number): Promise<readonly QueuedMessage[]>;
  changeVisibility(message: QueuedMessage, visibilityMs: number): void;
  remove(message: QueuedMessage): void;
  /** @throws AwsError `PurgeQueueInProgress` within 60 seconds of the last. */
  purge(): void;
  /** Long polls end empty. */
  close(): void;
  /** Long polls fail: the queue was deleted. */
  drop(): void;
}

const PURGE_PAUSE_MS = 60_000;

/** No group has an empty id. */
const WHOLE_QUEUE = '';

export function createQueue(options: QueueOptions): Queue {
  const { clock, name, arn, isFifo, findQueue, log, limits, faults } = options;
  const createdAt = clock.now();
  let attributes = options.attributes;
  let settings = settingsOf(attributes);
  let modifiedAt = createdAt;
  let purgedAt: EpochMs | undefined;

  const order = isFifo
    ? withLookAhead(createFifoOrder<QueuedMessage>(options.groupLock), limits.lookAhead)
    : createStandardOrder<QueuedMessage>();
  const core = createQueueCore({
    clock,
    order,
    retentionMs: () => settings.retentionMs,
    mostInFlight: limits.inFlight,
  });
  const rates = {
    send: createCallRate(clock, limits.callsPerSecond),
    receive: createCallRate(clock, limits.callsPerSecond),
    delete: createCallRate(clock, limits.callsPerSecond),
    changeVisibility: createCallRate(clock, limits.callsPerSecond),
  };
  const attempts = createReceiveAttempts(clock, core);

  const deadLetterQueue = () =>
    settings.redrive === undefined ? undefined : findQueue(settings.redrive.deadLetterTargetArn);

  const receiveNow = ({ maxMessages, visibilityMs, attemptId }: ReceiveRequest) => {
    const repeated = attemptId === undefined ? undefined : attempts.repeat(attemptId, visibilityMs);
    if (repeated !== undefined) return repeated;
    const target = deadLetterQueue();
    const maxReceives = target === undefined ? undefined : settings.redrive?.maxReceiveCount;
    const { messages, spent } = core.receive(
      maxMessages,
      visibilityMs,
      ({ receiveCount, earlierReceives }) => maxReceives !== undefined && receiveCount - earlierReceives >= maxReceives,
    );
    for (const message of spent) {
      target?.acceptDeadLetter(message, arn);
      log('info', 'sqs', 'moved a message to its dead-letter queue', {
        queue: name,
        messageId: message.messageId,
        ...(message.groupId === undefined ? {} : { groupId: message.groupId }),
        receives: message.receiveCount,
      });
    }
    if (messages.length === 0) return undefined;
    disturbances.received(messages);
    if (attemptId !== undefined) attempts.remember(attemptId, messages);
    return messages;
  };

  const polls = createLongPolls({ clock, tryServe: receiveNow, nextChangeAt: core.nextVisibleAt });
  const touched = () => {
    disturbances.changed();
    polls.serve();
  };
  const disturbances = createDisturbances({ clock, core, faults, queueName: name, isFifo, onShown: touched });

  const intake = createMessageIntake({
    clock,
    core,
    queueName: name,
    isFifo,
    settings: () => settings,
    newId: options.newId,
    nextOrder: options.nextOrder,
    faults,
  });

  return {
    name,
    arn,
    isFifo,
    createdAt,
    tags: new Map(Object.entries(options.tags)),
    core,
    attributes: () => attributes,
    settings: () => settings,
    modifiedAt: () => modifiedAt,
    setAttributes(changed) {
      const earlierDelayMs = settings.delayMs;
      attributes = changed;
      settings = settingsOf(changed);
      modifiedAt = clock.now();
      if (isFifo && settings.delayMs !== earlierDelayMs) core.changeDelays(settings.delayMs);
      touched();
    },
    send(outgoing) {
      const sent = intake.send(outgoing);
      touched();
      return sent;
    },
    acceptDeadLetter(message, sourceArn) {
      intake.acceptDeadLetter(message, sourceArn);
      touched();
    },
    acceptMoved(message) {
      intake.acceptMoved(message);
      touched();
    },
    admit(action, groupIds = []) {
      if (!isFifo) return;
      const rate = rates[action];
      const isAdmitted = settings.highThroughput ? groupIds.every(rate.admit) : rate.admit(WHOLE_QUEUE);
      if (!isAdmitted) throw rateExceeded();
    },
    async receive(request, waitMs) {
      if (!isFifo && waitMs === 0 && core.counts().inFlight >= limits.inFlight) {
        throw overLimit(
          `Queue ${name} has ${limits.inFlight} messages in flight, which is the limit; delete some first.`,
        );
      }
      const messages = receiveNow(request);
      disturbances.changed();
      if (messages !== undefined || waitMs === 0) return messages ?? [];
      return (await polls.wait(request, waitMs)) ?? [];
    },
    changeVisibility(message, visibilityMs) {
      core.changeVisibility(message, visibilityMs);
      touched();
    },
    remove(message) {
      core.remove(message);
      touched();
    },
    purge() {
      if (purgedAt !== undefined && clock.now() < addMs(purgedAt, PURGE_PAUSE_MS)) throw purgeInProgress(name);
      purgedAt = clock.now();
      for (const message of core.all()) core.remove(message);
      intake.forgetDuplicates();
      disturbances.changed();
    },
    approximateCounts: () => disturbances.counts(),
    close() {
      disturbances.end();
      polls.end();
    },
    drop() {
      disturbances.end();
      polls.fail(queueDoesNotExist());
    },
  };
}
