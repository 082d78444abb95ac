import { Grant } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { reservationProblems } from './concurrency.ts';
import type { WaybillFunction } from './waybill-function.ts';

export interface QueueMappingProps {
  readonly queue: Queue;
  /** Messages per call, 1 to 10. */
  readonly batchSize: number;
  /** Executions at a time, 2 to 1000. */
  readonly maxConcurrency: number;
  /** The code's own actions on the queue. @default - none */
  readonly codeActions?: readonly string[];
}

/**
 * What a queue's mapping does in the function's name. CDK's own `SqsEventSource` also grants GetQueueUrl, which neither
 * the mapping nor the code uses.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
const MAPPING_ACTIONS = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'] as const;

/** Invokes the function with the queue's messages. The function reports the messages that failed. */
export function mapQueue(handler: WaybillFunction, props: QueueMappingProps): void {
  const { queue, batchSize, maxConcurrency, codeActions = [] } = props;
  const mapping = handler.addEventSourceMapping('QueueMapping', {
    eventSourceArn: queue.queueArn,
    batchSize,
    maxConcurrency,
    reportBatchItemFailures: true,
  });
  const { defaultChild } = mapping.node;
  if (defaultChild instanceof CfnEventSourceMapping) {
    handler.node.addValidation({ validate: () => reservationProblems(handler, defaultChild) });
  }
  Grant.addToPrincipal({
    grantee: handler,
    actions: [...MAPPING_ACTIONS, ...codeActions],
    resourceArns: [queue.queueArn],
  });
}
