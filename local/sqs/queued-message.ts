import type { EpochMs } from '../../lib/shared/time.ts';
import type { Ordered } from './delivery-order.ts';

/** As the service's JSON protocol carries it; `BinaryValue` is base64. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

/** What a sender gave, and what stays with the message wherever it is moved. */
export interface MessageContent {
  readonly body: string;
  readonly bodyMd5: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly senderId: string;
  readonly traceHeader: string | undefined;
  readonly groupId: string | undefined;
}

export type MessageState =
  | { readonly kind: 'visible' }
  | { readonly kind: 'delayed' }
  | { readonly kind: 'inFlight'; readonly receivedAt: EpochMs; readonly until: EpochMs };

export interface QueuedMessage extends MessageContent, Ordered {
  readonly groupId: string | undefined;
  readonly messageId: string;
  readonly deduplicationId: string | undefined;
  /** FIFO queues only. */
  readonly sequenceNumber: string | undefined;
  /** When it entered the queue; a standard queue's dead letter keeps the time of its source. */
  readonly sentAt: EpochMs;
  readonly delayMs: number;
  /** The queue whose dead letter it is. */
  readonly deadLetterSourceArn: string | undefined;
  /** Receives in the queue that it came from as a dead letter. */
  readonly earlierReceives: number;
  /** Of all queues; the number of the latest receive, too. */
  receiveCount: number;
  firstReceivedAt: EpochMs | undefined;
  state: MessageState;
}

type OwnMembers = Pick<QueuedMessage, 'messageId' | 'deduplicationId' | 'order' | 'sequenceNumber' | 'sentAt'> &
  Partial<QueuedMessage>;

/** A message that enters a queue with `content`; what `own` does not say is as for a message never received. */
export const newMessage = (content: MessageContent, own: OwnMembers): QueuedMessage => ({
  body: content.body,
  bodyMd5: content.bodyMd5,
  attributes: content.attributes,
  senderId: content.senderId,
  traceHeader: content.traceHeader,
  groupId: content.groupId,
  delayMs: 0,
  deadLetterSourceArn: undefined,
  earlierReceives: 0,
  receiveCount: 0,
  firstReceivedAt: undefined,
  state: { kind: 'visible' },
  ...own,
});
