/** Where a stream mapping begins: at the oldest record that the stream still has, or after the newest. */
export type StartingPosition = 'TRIM_HORIZON' | 'LATEST';

/** Records per invocation where a mapping does not say. */
export const DEFAULT_QUEUE_BATCH = 10;
export const DEFAULT_STREAM_BATCH = 100;

/** One event source mapping, as its template describes it; which members it may have depends on the source. */
export interface EventSourceMappingConfiguration {
  readonly functionName: string;
  /** A version or an alias of the function. @default its unpublished code */
  readonly qualifier?: string;
  /** ARN of an SQS queue or of a DynamoDB stream. */
  readonly eventSourceArn: string;
  /** @default true */
  readonly enabled?: boolean;
  /** Records per invocation: up to 10 for a FIFO queue, else up to 10,000. @default 10 for a queue, 100 for a stream */
  readonly batchSize?: number;
  /** How long to gather a batch, 0 to 300; not for FIFO queues. @default 0 */
  readonly maximumBatchingWindowSeconds?: number;
  /** Up to 5 event patterns as JSON text; a record that matches none of them never reaches the function. */
  readonly filterPatterns?: readonly string[];
  /** Whether the function's response names the records that failed (`ReportBatchItemFailures`). @default false */
  readonly reportBatchItemFailures?: boolean;
  /** Queue only: invocations at a time, 2 to 1,000 (`ScalingConfig.MaximumConcurrency`). @default 5 */
  readonly maximumConcurrency?: number;
  /** Stream only, and required there. */
  readonly startingPosition?: StartingPosition;
  /** Stream only: batches of a shard at a time, 1 to 10; order then holds per item. @default 1 */
  readonly parallelizationFactor?: number;
  /** Stream only: split a failed batch in two, which costs no retry. @default false */
  readonly bisectBatchOnFunctionError?: boolean;
  /** Stream only: 0 to 10,000, or -1 for as long as the record lives. @default -1 */
  readonly maximumRetryAttempts?: number;
  /** Stream only: 60 to 604,800, or -1 for as long as the stream keeps it. @default -1 */
  readonly maximumRecordAgeSeconds?: number;
  /** Stream only: ARN of a standard queue (gets metadata) or of a bucket (gets the whole batch). */
  readonly onFailureDestinationArn?: string;
}

export type EventSource =
  | { readonly kind: 'queue'; readonly queueName: string; readonly fifo: boolean }
  | { readonly kind: 'stream'; readonly tableName: string };

/** Undefined for an ARN of anything else. */
export function parseEventSource(arn: string): EventSource | undefined {
  const [, , service, , , resource = ''] = arn.split(':');
  if (service === 'sqs') return { kind: 'queue', queueName: resource, fifo: resource.endsWith('.fifo') };
  const [, tableName] = /^table\/([^/]+)\/stream\//.exec(resource) ?? [];
  return service === 'dynamodb' && tableName !== undefined ? { kind: 'stream', tableName } : undefined;
}
