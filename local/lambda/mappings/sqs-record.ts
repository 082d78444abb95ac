import { isTooDeep } from '../../endpoint/request-body.ts';
import type { QueueMessage } from './sqs-port.ts';

/** The message as a function gets it. */
export function toSqsRecord(message: QueueMessage, queueArn: string, region: string) {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          ...(StringValue === undefined ? {} : { stringValue: StringValue }),
          ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
          stringListValues: [],
          binaryListValues: [],
          dataType: DataType,
        },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    ...(message.MD5OfMessageAttributes === undefined ? {} : { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}

/** What a mapping's patterns see: a body that is a JSON object is matched by its members, any other as text. */
export function filterView(message: QueueMessage, queueArn: string, region: string): object {
  return { ...toSqsRecord(message, queueArn, region), body: jsonObjectOr(message.Body) };
}

function jsonObjectOr(text: string): unknown {
  if (isTooDeep(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : text;
  } catch {
    return text;
  }
}
