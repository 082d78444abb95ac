import { hash } from 'node:crypto';
import type { StreamRecord } from './streams-port.ts';

/** A record on its way to the function. */
export interface StreamEntry {
  readonly sequenceNumber: string;
  /** Milliseconds since the epoch, to the second: streams say no more. */
  readonly createdAt: number;
  /** The record as the function gets it, serialized once. */
  readonly json: string;
  readonly bytes: number;
  /** Equal for records of one item, spread evenly over items. */
  readonly itemHash: number;
}

/** The record as a function gets it. */
export function toLambdaRecord(record: StreamRecord, streamArn: string): object {
  const { userIdentity, ...rest } = record;
  return {
    ...rest,
    eventSourceARN: streamArn,
    ...(userIdentity === undefined
      ? {}
      : { userIdentity: { type: userIdentity.Type, principalId: userIdentity.PrincipalId } }),
  };
}

export function toEntry(record: StreamRecord, lambdaRecord: object): StreamEntry {
  const json = JSON.stringify(lambdaRecord);
  const { Keys, SequenceNumber, ApproximateCreationDateTime } = record.dynamodb;
  const keys = Object.entries(Keys).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    sequenceNumber: SequenceNumber,
    createdAt: ApproximateCreationDateTime * 1000,
    json,
    bytes: Buffer.byteLength(json),
    itemHash: hash('md5', JSON.stringify(keys), 'buffer').readUInt32BE(),
  };
}
