import type { SQSRecord } from 'aws-lambda';
import type { ConsumerQueue } from '../consumer/index.ts';
import { addMs, type Clock, type EpochMs } from '../shared/time.ts';

export interface QueueOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly visibilityTimeoutSeconds: number;
  /** Number of receives after which a message goes to the DLQ. */
  readonly maxReceiveCount: number;
}

interface Message {
  readonly id: string;
  readonly group: string;
  readonly body: string;
  receiveCount: number;
  visibleAt: EpochMs;
}

/** A consumer's FIFO queue with its DLQ, as the consumer sees them. */
export interface Queue {
  readonly queue: ConsumerQueue;
  /** @returns the message's id */
  send(group: string, body: string): string;
  /** Ignores the order of the group. Undefined if the message was moved to the DLQ. */
  receive(id: string): SQSRecord | undefined;
  delete(id: string): void;
  bodyOf(id: string): string;
  /** When the message can be received again; undefined if it was deleted. */
  visibleAt(id: string): EpochMs | undefined;
  /** Messages that can be received: the first of each group, if it is visible. */
  ready(): readonly string[];
  /** When the next invisible message becomes visible. */
  nextVisibleAt(): EpochMs | undefined;
  /** Bodies, in the order of their arrival. */
  deadLetters(): readonly string[];
}

export function createQueue({ name, clock, visibilityTimeoutSeconds, maxReceiveCount }: QueueOptions): Queue {
  const messages = new Map<string, Message>();
  const deadLetters: string[] = [];
  const createdAt = clock.now();
  let sent = 0;

  const send = (group: string, body: string): string => {
    sent += 1;
    const id = `${name}-message-${sent}`;
    messages.set(id, { id, group, body, receiveCount: 0, visibleAt: clock.now() });
    return id;
  };

  const receiptOf = ({ id, receiveCount }: Message) => `${id}/${receiveCount}`;

  /** The message of a receipt handle; undefined if it was received again or deleted. */
  const heldBy = (receiptHandle: string): Message | undefined => {
    const message = messages.get(receiptHandle.slice(0, receiptHandle.lastIndexOf('/')));
    return message !== undefined && receiptOf(message) === receiptHandle ? message : undefined;
  };

  const heads = () =>
    [...Map.groupBy(messages.values(), ({ group }) => group).values()].flatMap(([head]) => head ?? []);

  return {
    send,
    receive(id) {
      const message = messages.get(id);
      if (message === undefined) return undefined;
      if (message.receiveCount >= maxReceiveCount) {
        messages.delete(id);
        deadLetters.push(message.body);
        return undefined;
      }
      message.receiveCount += 1;
      message.visibleAt = addMs(clock.now(), visibilityTimeoutSeconds * 1000);
      return recordOf(message, receiptOf(message), name);
    },
    delete: (id) => void messages.delete(id),
    bodyOf: (id) => messages.get(id)?.body ?? '',
    visibleAt: (id) => messages.get(id)?.visibleAt,
    ready: () =>
      heads()
        .filter(({ visibleAt }) => visibleAt <= clock.now())
        .map(({ id }) => id),
    nextVisibleAt: () =>
      heads().reduce<EpochMs | undefined>((first, { visibleAt }) => earlier(first, visibleAt), undefined),
    deadLetters: () => deadLetters,
    queue: {
      resend: async (group, body) => void send(group, body),
      async changeVisibility(receiptHandle, delaySeconds) {
        const message = heldBy(receiptHandle);
        if (message === undefined) return 'stale';
        message.visibleAt = addMs(clock.now(), delaySeconds * 1000);
        return 'changed';
      },
      async delete(receiptHandles) {
        for (const receiptHandle of receiptHandles) messages.delete(heldBy(receiptHandle)?.id ?? '');
      },
      createdAt: async () => createdAt,
    },
  };
}

const earlier = (a: EpochMs | undefined, b: EpochMs): EpochMs => (a === undefined || b < a ? b : a);

const recordOf = ({ id, group, body, receiveCount }: Message, receiptHandle: string, queue: string): SQSRecord => ({
  messageId: id,
  receiptHandle,
  body,
  attributes: {
    ApproximateReceiveCount: String(receiveCount),
    ApproximateFirstReceiveTimestamp: '0',
    SenderId: 'harness',
    SentTimestamp: '0',
    MessageGroupId: group,
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: `arn:aws:sqs:eu-west-1:000000000000:${queue}.fifo`,
  awsRegion: 'eu-west-1',
});
