import type { EngineClock } from '../../clock.ts';
import { AwsError } from '../../endpoint/aws-error.ts';
import type { Caller, JsonService } from '../../endpoint/service.ts';
import type { RunLog } from '../../log.ts';
import type { FunctionConfiguration } from '../configuration.ts';
import { invalidParameter } from '../errors.ts';
import {
  DEFAULT_QUEUE_BATCH,
  DEFAULT_STREAM_BATCH,
  type EventSource,
  type EventSourceMappingConfiguration,
} from './configuration.ts';
import { openFailureDestination, type PutObject } from './failure-destination.ts';
import type { MappingPlaces, MappingRunner, MappingTarget, RunnerDeps } from './mapping-runner.ts';
import { createSqsMapping } from './sqs-mapping.ts';
import { createSqsPort, type SqsPort } from './sqs-port.ts';
import type { StreamMappingFaults } from './stream-faults.ts';
import { openStreamMapping } from './stream-mapping.ts';
import { createStreamsPort } from './streams-port.ts';

/** The services that mappings read from. */
export interface EventSources {
  readonly sqs: JsonService;
  readonly dynamoDbStreams: JsonService;
  /** Calls `listener` after each write that put records into the stream; the returned function ends that. */
  readonly onStreamRecords: (streamArn: string, listener: () => void) => () => void;
}

export interface RunnerOpenerDeps {
  readonly sources: EventSources;
  readonly clock: EngineClock;
  readonly log: RunLog;
  readonly region: string;
  readonly newId: () => string;
  readonly compileEventPattern: (pattern: string) => (event: object) => boolean;
  readonly putObject: PutObject | undefined;
  readonly faults: StreamMappingFaults | undefined;
  /** @throws AwsError ResourceNotFoundException */
  readonly targetOf: (reference: Pick<EventSourceMappingConfiguration, 'functionName' | 'qualifier'>) => {
    /** As it is at that moment. */
    readonly configuration: () => FunctionConfiguration;
    readonly target: MappingTarget;
  };
}

/**
 * Makes what reads from a mapping's source and invokes its function; it is not started yet.
 * @param places where an earlier runner of the mapping has come to
 * @throws AwsError ResourceNotFoundException, InvalidParameterValueException
 */
export type OpenRunner = (
  uuid: string,
  mapping: EventSourceMappingConfiguration,
  source: EventSource,
  places?: MappingPlaces,
) => Promise<MappingRunner>;

/** Of a queue mapping that says none: AWS starts with five pollers, whatever the function's reserved concurrency. */
const DEFAULT_CONCURRENCY = 5;

/** A stream keeps its records for a day: retries without a limit of their own end there. */
const STREAM_RETENTION_SECONDS = 24 * 60 * 60;

export function createRunnerOpener(deps: RunnerOpenerDeps): OpenRunner {
  const { clock, newId, sources, targetOf } = deps;

  const open: OpenRunner = async (uuid, mapping, source, places) => {
    const { configuration: current, target } = targetOf(mapping);
    const caller: Caller = {
      kind: 'role',
      // the function may get another role
      get roleArn() {
        return current().roleArn;
      },
      sessionName: mapping.functionName,
    };
    const sqs = createSqsPort(sources.sqs, caller);
    const runnerDeps: RunnerDeps = { uuid, clock, log: deps.log, target, accepts: compileFilters(mapping, deps) };
    if (source.kind === 'queue') return openQueue(runnerDeps, sqs, mapping, current(), deps.region);
    const { onFailureDestinationArn: destinationArn, maximumRecordAgeSeconds = -1 } = mapping;
    const maximumRecordAgeMs =
      (maximumRecordAgeSeconds === -1 ? STREAM_RETENTION_SECONDS : maximumRecordAgeSeconds) * 1000;
    return openStreamMapping(runnerDeps, createStreamsPort(sources.dynamoDbStreams, caller), {
      streamArn: mapping.eventSourceArn,
      startingPosition: mapping.startingPosition ?? 'TRIM_HORIZON',
      batchSize: mapping.batchSize ?? DEFAULT_STREAM_BATCH,
      windowMs: (mapping.maximumBatchingWindowSeconds ?? 0) * 1000,
      parallelizationFactor: mapping.parallelizationFactor ?? 1,
      reportBatchItemFailures: mapping.reportBatchItemFailures ?? false,
      bisectBatchOnFunctionError: mapping.bisectBatchOnFunctionError ?? false,
      maximumRetryAttempts: mapping.maximumRetryAttempts ?? -1,
      maximumRecordAgeMs,
      destination:
        destinationArn === undefined
          ? undefined
          : await openFailureDestination(destinationArn, {
              sqs,
              putObject: deps.putObject,
              caller,
              mappingUuid: uuid,
              newId,
            }),
      onStreamRecords: (listener) => sources.onStreamRecords(mapping.eventSourceArn, listener),
      faults: deps.faults,
      places,
    });
  };

  return (uuid, mapping, source, places) =>
    open(uuid, mapping, source, places).catch((error: unknown) => {
      throw asMissingSource(error, mapping.eventSourceArn, source) ?? error;
    });
}

/** What Lambda says of a source that does not exist; undefined for any other trouble. */
function asMissingSource(error: unknown, eventSourceArn: string, { kind }: EventSource): AwsError | undefined {
  if (!(error instanceof AwsError)) return undefined;
  const { code, queryCode = code, message } = error;
  if (code === 'QueueDoesNotExist' && kind === 'queue') {
    return invalidParameter(
      `Error occurred while ReceiveMessage. SQS Error Code: ${queryCode}. SQS Error Message: ${message}`,
      { cause: error },
    );
  }
  const isOfStream = code === 'ResourceNotFoundException' && kind === 'stream';
  return isOfStream && message.includes('Stream')
    ? invalidParameter(`Stream not found: ${eventSourceArn}`, { cause: error })
    : undefined;
}

/** @throws AwsError InvalidParameterValueException when messages would come again while the function still has them. */
async function openQueue(
  deps: RunnerDeps,
  sqs: SqsPort,
  mapping: EventSourceMappingConfiguration,
  { timeoutSeconds }: FunctionConfiguration,
  region: string,
): Promise<MappingRunner> {
  const queueUrl = await sqs.urlOf(mapping.eventSourceArn);
  const visibilitySeconds = await sqs.visibilityTimeoutSeconds(queueUrl);
  if (visibilitySeconds < timeoutSeconds) {
    throw invalidParameter(
      `Queue visibility timeout: ${visibilitySeconds} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
    );
  }
  return createSqsMapping(deps, sqs, {
    queueArn: mapping.eventSourceArn,
    queueUrl,
    region,
    batchSize: mapping.batchSize ?? DEFAULT_QUEUE_BATCH,
    windowMs: (mapping.maximumBatchingWindowSeconds ?? 0) * 1000,
    concurrency: mapping.maximumConcurrency ?? DEFAULT_CONCURRENCY,
    reportBatchItemFailures: mapping.reportBatchItemFailures ?? false,
    // a batch handed over later could come again while the function works
    throttledMs: (visibilitySeconds - timeoutSeconds) * 1000,
  });
}

/** The patterns of a mapping are alternatives. */
function compileFilters(
  { filterPatterns = [] }: EventSourceMappingConfiguration,
  { compileEventPattern }: RunnerOpenerDeps,
): (record: object) => boolean {
  if (filterPatterns.length === 0) return () => true;
  const matchers = filterPatterns.map((pattern) => {
    try {
      return compileEventPattern(pattern);
    } catch (cause) {
      throw invalidParameter(`Invalid filter pattern definition: ${pattern}: ${String(cause)}`, { cause });
    }
  });
  return (record) => matchers.some((matches) => matches(record));
}
