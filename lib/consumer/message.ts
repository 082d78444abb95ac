import type { SQSRecord } from 'aws-lambda';
import { type CloudEvent, hasCode, standsAlone, type TenancyMode, type WaybillError } from '../definitions/index.ts';
import { parseEvent } from '../event/index.ts';

/** A serialized event, parsed once: it holds the event or the parse error. */
export type SerializedEvent = { readonly body: string } & (
  | { readonly event: CloudEvent }
  | { readonly event?: undefined; readonly problem: WaybillError }
);

export function readSerialized(body: string): SerializedEvent {
  try {
    return { body, event: parseEvent(body) };
  } catch (problem) {
    if (hasCode(problem, 'EVENT_MALFORMED')) return { body, problem };
    throw problem;
  }
}

/** A message of the consumer's queue. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly receiveCount: number;
  /** The message group of the queue. */
  readonly messageGroup: string | undefined;
  readonly content: SerializedEvent;
  /**
   * The event, including types that this code does not handle, because the next deployment may handle them. Undefined
   * if the message holds no event, or an event without the tenant that the consumer requires: such a message cannot
   * block a group.
   */
  readonly event: CloudEvent | undefined;
}

/** A message whose event has a place in its group's order. */
export type GroupMessage = ReceivedMessage & { readonly event: CloudEvent };

export function receive(record: SQSRecord, tenancy?: TenancyMode): ReceivedMessage {
  const content = readSerialized(record.body);
  const isUsable = tenancy !== 'required' || content.event?.tenantid !== undefined;
  return {
    messageId: record.messageId,
    receiptHandle: record.receiptHandle,
    receiveCount: Number(record.attributes.ApproximateReceiveCount),
    messageGroup: record.attributes.MessageGroupId,
    content,
    event: isUsable ? content.event : undefined,
  };
}

export const isGrouped = (message: ReceivedMessage): message is GroupMessage =>
  message.event !== undefined && !standsAlone(message.event.partitionkey, message.event.id);

export const sequenceOf = ({ event }: GroupMessage): number => Number(event.sequence);

/** Identifies an event by CloudEvents' unique pair. */
export const identityOf = ({ source, id }: { readonly source: string; readonly id: string }): string =>
  JSON.stringify([source, id]);
