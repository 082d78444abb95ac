import type { JsonObject } from '../endpoint/service.ts';
import { objectAt, stringAt } from '../template/json.ts';

/** A message or stream record that would come again if the one who has it failed. */
export interface CarriedMessage {
  readonly id: string;
  /** Name of the queue; undefined for stream records. */
  readonly queueName: string | undefined;
  /** With this receive; undefined for stream records. */
  readonly receiveCount: number | undefined;
}

/** What an event source handed to a function; empty for any other payload. */
export function messagesOf(payload: string): readonly CarriedMessage[] {
  const records = listAt(JSON.parse(payload), 'Records');
  return records.flatMap((record): CarriedMessage[] => {
    const messageId = stringAt(record, 'messageId');
    if (messageId !== undefined) {
      const receiveCount = Number(stringAt(objectAt(record, 'attributes'), 'ApproximateReceiveCount'));
      return [{ id: messageId, queueName: nameOf(stringAt(record, 'eventSourceARN')), receiveCount }];
    }
    const eventId = stringAt(record, 'eventID');
    return eventId === undefined ? [] : [{ id: eventId, queueName: undefined, receiveCount: undefined }];
  });
}

/** Messages of an answer to ReceiveMessage, by receipt handle; those that do not tell their count have none. */
export function receivedMessages(input: JsonObject, output: object): ReadonlyMap<string, CarriedMessage> {
  const queueName = nameOf(stringAt(input, 'QueueUrl'));
  return new Map(
    listAt(output, 'Messages').map((message) => {
      const count = stringAt(objectAt(message, 'Attributes'), 'ApproximateReceiveCount');
      const receiveCount = count === undefined ? undefined : Number(count);
      const id = stringAt(message, 'MessageId') ?? '';
      return [stringAt(message, 'ReceiptHandle') ?? '', { id, queueName, receiveCount }];
    }),
  );
}

/** The last part of an ARN or a URL. */
const nameOf = (address: string | undefined): string | undefined => address?.split(/[:/]/).at(-1);

function listAt(holder: unknown, member: string): readonly unknown[] {
  const value: unknown = typeof holder === 'object' && holder !== null ? Reflect.get(holder, member) : undefined;
  return Array.isArray(value) ? value : [];
}
