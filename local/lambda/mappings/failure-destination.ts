import type { EpochMs } from '../../../lib/shared/time.ts';
import { toTimestamp } from '../../../lib/shared/time.ts';
import type { Caller } from '../../endpoint/service.ts';
import { invalidParameter } from '../errors.ts';
import type { InvokeResult } from '../invocation.ts';
import type { SqsPort } from './sqs-port.ts';
import type { StreamEntry } from './stream-entry.ts';

/** Why records were given up. */
export type DiscardCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/** A batch that the function could not handle. */
interface DiscardedBatch {
  readonly condition: DiscardCondition;
  readonly requestId: string;
  readonly functionArn: string;
  readonly invokeCount: number;
  /** Undefined if the records grew too old before any invocation. */
  readonly result: InvokeResult | undefined;
  readonly shardId: string;
  readonly streamArn: string;
  readonly at: EpochMs;
  readonly entries: readonly StreamEntry[];
  /** The whole event, as the function got it. */
  readonly event: string;
}

export type FailureDestination = (batch: DiscardedBatch) => Promise<void>;

/** Puts an object into a bucket of the run. */
export type PutObject = (bucketName: string, key: string, body: string, caller: Caller) => Promise<void>;

export interface DestinationDeps {
  readonly sqs: SqsPort;
  readonly putObject: PutObject | undefined;
  /** Who writes into a bucket: the function's role. */
  readonly caller: Caller;
  readonly mappingUuid: string;
  readonly newId: () => string;
}

/**
 * @param arn of a standard queue, which gets metadata only, or of a bucket, which gets the event too.
 * @throws AwsError InvalidParameterValueException for any other.
 */
export async function openFailureDestination(arn: string, deps: DestinationDeps): Promise<FailureDestination> {
  const { sqs, putObject, caller, mappingUuid, newId } = deps;
  const [, , service, , , resource = ''] = arn.split(':');
  if (service === 'sqs' && !resource.endsWith('.fifo')) {
    const queueUrl = await sqs.urlOf(arn);
    return (batch) => sqs.send(queueUrl, JSON.stringify(metadataOf(batch)));
  }
  if (service === 's3' && putObject !== undefined) {
    return (batch) => {
      const at = toTimestamp(batch.at).slice(0, 19).replaceAll(':', '.');
      const day = at.slice(0, 10).replaceAll('-', '/');
      const key = `aws/lambda/${mappingUuid}/${batch.shardId}/${day}/${at}-${newId()}`;
      return putObject(resource, key, JSON.stringify({ ...metadataOf(batch), payload: batch.event }), caller);
    };
  }
  const allowed = putObject === undefined ? 'a standard SQS queue' : 'a standard SQS queue or an S3 bucket';
  throw invalidParameter(`the on-failure destination '${arn}' is none that this run can write to: name ${allowed}`);
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html */
function metadataOf(batch: DiscardedBatch) {
  const [first] = batch.entries;
  const last = batch.entries.at(-1);
  return {
    requestContext: {
      requestId: batch.requestId,
      functionArn: batch.functionArn,
      condition: batch.condition,
      approximateInvokeCount: batch.invokeCount,
    },
    ...(batch.result === undefined
      ? {}
      : {
          responseContext: {
            statusCode: batch.result.statusCode,
            executedVersion: batch.result.executedVersion,
            functionError: batch.result.functionError ?? null,
          },
        }),
    version: '1.0',
    timestamp: toTimestamp(batch.at),
    DDBStreamBatchInfo: {
      shardId: batch.shardId,
      startSequenceNumber: first?.sequenceNumber,
      endSequenceNumber: last?.sequenceNumber,
      approximateArrivalOfFirstRecord: arrivalOf(first),
      approximateArrivalOfLastRecord: arrivalOf(last),
      batchSize: batch.entries.length,
      streamArn: batch.streamArn,
    },
  };
}

/** To the second, as Lambda writes it. */
const arrivalOf = (entry: StreamEntry | undefined): string | undefined =>
  entry === undefined ? undefined : `${new Date(entry.createdAt).toISOString().slice(0, 19)}Z`;
