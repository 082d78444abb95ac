import type { Datapoint, Series } from './cloudwatch.ts';

/**
 * Names and dimensions under which AWS reports: an alarm on anything else waits for what nobody sends.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
 */
const REPORTED = {
  'AWS/Lambda': {
    Errors: ['FunctionName'],
    Throttles: ['FunctionName'],
    IteratorAge: ['FunctionName'],
    DroppedEventCount: ['EventSourceMappingUUID'],
    OnFailureDestinationDeliveredEventCount: ['EventSourceMappingUUID'],
  },
  'AWS/SQS': {
    ApproximateNumberOfMessagesVisible: ['QueueName'],
    ApproximateNumberOfMessagesNotVisible: ['QueueName'],
    ApproximateAgeOfOldestMessage: ['QueueName'],
  },
  'AWS/Events': {
    FailedInvocations: ['EventBusName', 'RuleName'],
    InvocationsFailedToBeSentToDlq: ['EventBusName', 'RuleName'],
  },
  'AWS/ApiGateway': {
    '5xx': ['ApiId'],
    Latency: ['ApiId'],
  },
  'AWS/DynamoDB': {
    ReadThrottleEvents: ['TableName', 'GlobalSecondaryIndexName'],
    WriteThrottleEvents: ['TableName', 'GlobalSecondaryIndexName'],
  },
} as const;

/** The second dimension of a table's metrics is there for an index only. */
export function reported<Namespace extends keyof typeof REPORTED>(
  namespace: Namespace,
  metric: keyof (typeof REPORTED)[Namespace] & string,
  names: readonly string[],
  datapoints: readonly Datapoint[],
): Series {
  const dimensions = (REPORTED[namespace] as Readonly<Record<string, readonly string[]>>)[metric] ?? [];
  return {
    namespace,
    metric,
    dimensions: Object.fromEntries(names.map((name, index) => [dimensions[index] ?? '?', name])),
    datapoints,
  };
}

/** A value in each of these minutes. */
export const inMinutes = (minutes: readonly number[], value: number): readonly Datapoint[] =>
  minutes.map((minute) => ({ atSeconds: minute * 60 + 40, value }));

/** `span(0, 3)` is 0, 1, 2. */
export const span = (from: number, to: number, step = 1): readonly number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step);

/** One call each minute, some of which fail. */
export const calls = (minutes: number, failing: readonly number[]): readonly Datapoint[] =>
  span(0, minutes).map((minute) => ({ atSeconds: minute * 60 + 10, value: failing.includes(minute) ? 1 : 0 }));
