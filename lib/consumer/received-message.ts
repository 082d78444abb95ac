import type { SQSRecord } from 'aws-lambda';
import type { CloudEvent, Subscription } from '../contracts/index.ts';
import { EventMalformedError, parseEvent } from '../event/index.ts';

/** A message of the consumer's queue. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly receiveCount: number;
  /** The group on the queue. */
  readonly messageGroup: string | undefined;
  readonly body: string;
  /** Undefined where the message holds no event that the consumer takes: it can hold no group. */
  readonly event: CloudEvent | undefined;
}

export function receive(record: SQSRecord, { events }: Subscription): ReceivedMessage {
  const event = eventOf(record.body);
  return {
    messageId: record.messageId,
    receiptHandle: record.receiptHandle,
    receiveCount: Number(record.attributes.ApproximateReceiveCount),
    messageGroup: record.attributes.MessageGroupId,
    body: record.body,
    event: events.some(({ type }) => type === event?.type) ? event : undefined,
  };
}

function eventOf(body: string): CloudEvent | undefined {
  try {
    return parseEvent(body);
  } catch (error) {
    if (error instanceof EventMalformedError) return undefined;
    throw error;
  }
}

/** Without a group an event is a group of its own: its id. */
export const standsAlone = (event: CloudEvent): boolean => event.partitionkey === event.id;
