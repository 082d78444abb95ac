import type { SQSRecord } from 'aws-lambda';
import { type CloudEvent, hasCode, type TenancyMode } from '../contracts/index.ts';
import { parseEvent } from '../event/index.ts';

/** A message of the consumer's queue. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly receiveCount: number;
  /** The group on the queue. */
  readonly messageGroup: string | undefined;
  readonly body: string;
  /**
   * Also of a type that this code does not take: the next deployment may take it. Undefined where the message holds no
   * event, or one without the tenant that the consumer requires: it can hold no group.
   */
  readonly event: CloudEvent | undefined;
}

export function receive(record: SQSRecord, tenancy?: TenancyMode): ReceivedMessage {
  const event = eventOf(record.body);
  const isUsable = tenancy !== 'required' || event?.tenantid !== undefined;
  return {
    messageId: record.messageId,
    receiptHandle: record.receiptHandle,
    receiveCount: Number(record.attributes.ApproximateReceiveCount),
    messageGroup: record.attributes.MessageGroupId,
    body: record.body,
    event: isUsable ? event : undefined,
  };
}

function eventOf(body: string): CloudEvent | undefined {
  try {
    return parseEvent(body);
  } catch (error) {
    if (hasCode(error, 'EVENT_MALFORMED')) return undefined;
    throw error;
  }
}
