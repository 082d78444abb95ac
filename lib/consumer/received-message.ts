import type { SQSRecord } from 'aws-lambda';
import { type CloudEvent, type Subscription, type TenancyMode, takesOf } from '../contracts/index.ts';
import { EventMalformedError, parseEvent } from '../event/index.ts';

/** A message of the consumer's queue. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly receiveCount: number;
  /** The group on the queue. */
  readonly messageGroup: string | undefined;
  readonly body: string;
  /**
   * Undefined where the message holds no event that the consumer takes, one without the tenant that it requires
   * included: it can hold no group.
   */
  readonly event: CloudEvent | undefined;
}

export function receive(record: SQSRecord, { events }: Subscription, tenancy?: TenancyMode): ReceivedMessage {
  const event = eventOf(record.body);
  const isTaken =
    event !== undefined && takesOf(events)(event) && (tenancy !== 'required' || event.tenantid !== undefined);
  return {
    messageId: record.messageId,
    receiptHandle: record.receiptHandle,
    receiveCount: Number(record.attributes.ApproximateReceiveCount),
    messageGroup: record.attributes.MessageGroupId,
    body: record.body,
    event: isTaken ? event : undefined,
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
