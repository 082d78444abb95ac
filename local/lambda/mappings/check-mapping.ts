import { isIntegerIn } from '../configuration.ts';
import { invalidParameter } from '../errors.ts';
import { type EventSource, type EventSourceMappingConfiguration, parseEventSource } from './configuration.ts';

type Problem = string | false;

const STREAM_ONLY = [
  'startingPosition',
  'parallelizationFactor',
  'bisectBatchOnFunctionError',
  'maximumRetryAttempts',
  'maximumRecordAgeSeconds',
  'onFailureDestinationArn',
] as const satisfies readonly (keyof EventSourceMappingConfiguration)[];

const MAX_FILTERS = 5;

/** @throws AwsError InvalidParameterValueException that names every problem at once. */
export function checkMapping(mapping: EventSourceMappingConfiguration): EventSource {
  const source = parseEventSource(mapping.eventSourceArn);
  if (source === undefined) {
    throw invalidParameter(
      `Unrecognized event source '${mapping.eventSourceArn}': the local run maps SQS queues and DynamoDB streams`,
    );
  }
  const own = source.kind === 'queue' ? queueProblems(mapping, source.fifo) : streamProblems(mapping);
  const problems = [
    outOfRange('maximumBatchingWindowSeconds', mapping.maximumBatchingWindowSeconds, 0, 300),
    (mapping.filterPatterns?.length ?? 0) > MAX_FILTERS &&
      `filterPatterns has ${mapping.filterPatterns?.length} patterns, allowed are ${MAX_FILTERS}`,
    ...own,
  ].filter((problem) => problem !== false);
  if (problems.length > 0) {
    throw invalidParameter(`mapping of ${mapping.eventSourceArn} to ${mapping.functionName}: ${problems.join('; ')}`);
  }
  return source;
}

function queueProblems(mapping: EventSourceMappingConfiguration, fifo: boolean): readonly Problem[] {
  const { batchSize = 10, maximumBatchingWindowSeconds: windowSeconds = 0 } = mapping;
  return [
    outOfRange('batchSize', batchSize, 1, fifo ? 10 : 10_000),
    outOfRange('maximumConcurrency', mapping.maximumConcurrency, 2, 1000),
    fifo &&
      mapping.maximumBatchingWindowSeconds !== undefined &&
      windowSeconds > 0 &&
      `maximumBatchingWindowSeconds is ${windowSeconds}, but FIFO queues have no batching window`,
    !fifo &&
      batchSize > 10 &&
      windowSeconds < 1 &&
      `batchSize is ${batchSize}, which needs a maximumBatchingWindowSeconds of at least 1`,
    ...STREAM_ONLY.map((name) => mapping[name] !== undefined && `${name} is for streams, not for queues`),
  ];
}

const streamProblems = (mapping: EventSourceMappingConfiguration): readonly Problem[] => [
  outOfRange('batchSize', mapping.batchSize, 1, 10_000),
  outOfRange('parallelizationFactor', mapping.parallelizationFactor, 1, 10),
  mapping.maximumRetryAttempts !== -1 && outOfRange('maximumRetryAttempts', mapping.maximumRetryAttempts, 0, 10_000),
  mapping.maximumRecordAgeSeconds !== -1 &&
    outOfRange('maximumRecordAgeSeconds', mapping.maximumRecordAgeSeconds, 60, 604_800),
  mapping.startingPosition === undefined && 'startingPosition is missing: a stream needs TRIM_HORIZON or LATEST',
  mapping.maximumConcurrency !== undefined && 'maximumConcurrency is for queues, not for streams',
];

const outOfRange = (name: string, value: number | undefined, min: number, max: number): Problem =>
  value !== undefined && !isIntegerIn(value, min, max) && `${name} is ${value}, allowed is ${min} to ${max}`;
