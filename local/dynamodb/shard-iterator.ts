import { addMs, type EpochMs } from '../../lib/shared/time.ts';
import { AwsError } from '../endpoint/aws-error.ts';

/** A place in a stream's shard, handed out as an opaque text. */
export interface ShardIterator {
  readonly streamArn: string;
  readonly shardId: string;
  readonly position: number;
}

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html */
const LIFE_MS = 15 * 60 * 1000;

export function writeShardIterator({ streamArn, shardId, position }: ShardIterator, now: EpochMs): string {
  return `${streamArn}|1|${Buffer.from(`${shardId}:${position}:${now}`).toString('base64')}`;
}

/** @throws AwsError `ValidationException`, `ExpiredIteratorException` */
export function readShardIterator(text: string, now: EpochMs): ShardIterator {
  const [streamArn = '', , place = ''] = text.split('|');
  const [, shardId, position, issuedAt] =
    /^(shardId-[^:]+):(\d+):(\d+)$/.exec(Buffer.from(place, 'base64').toString('latin1')) ?? [];
  if (shardId === undefined || position === undefined || issuedAt === undefined) {
    throw new AwsError(
      'ValidationException',
      `Invalid ShardIterator: '${text}'; take it from GetShardIterator or GetRecords`,
    );
  }
  if (addMs(Number(issuedAt) as EpochMs, LIFE_MS) < now) {
    throw new AwsError(
      'ExpiredIteratorException',
      'Iterator expired. The iterator was created more than 15 minutes ago.',
    );
  }
  return { streamArn, shardId, position: Number(position) };
}
