import type { EngineClock } from '../../clock.ts';
import { AwsError } from '../../endpoint/aws-error.ts';
import type { Caller, JsonService } from '../../endpoint/service.ts';
import type { RunLog } from '../../log.ts';
import type { FunctionConfiguration } from '../configuration.ts';
import { invalidParameter, mappingNotFound, resourceConflict } from '../errors.ts';
import { checkMapping } from './check-mapping.ts';
import {
  DEFAULT_QUEUE_BATCH,
  DEFAULT_STREAM_BATCH,
  type EventSource,
  type EventSourceMappingConfiguration,
  parseEventSource,
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

export interface RegistryDeps {
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

export interface Mapping {
  readonly uuid: string;
  readonly configuration: EventSourceMappingConfiguration;
  readonly source: EventSource;
  readonly runner: MappingRunner;
  isEnabled(): boolean;
  /** Milliseconds since the epoch of the last change. */
  modifiedAt(): number;
  setEnabled(enabled: boolean): void;
}

export interface MappingRegistry {
  create(configuration: EventSourceMappingConfiguration): Promise<Mapping>;
  /**
   * Goes on with other settings where it was, once what is at the function has come to its end.
   * @throws AwsError ResourceNotFoundException, InvalidParameterValueException, ResourceConflictException
   */
  update(uuid: string, configuration: EventSourceMappingConfiguration): Promise<Mapping>;
  /** Settles when what was at the function has come to its end. @throws AwsError ResourceNotFoundException */
  remove(uuid: string): Promise<void>;
  /** @throws AwsError ResourceNotFoundException */
  get(uuid: string): Mapping;
  list(): readonly Mapping[];
  /** Settles when what was at the functions has come to its end. */
  stopAll(): Promise<void>;
}

/** Of a queue mapping that says none: AWS starts with five pollers, whatever the function's reserved concurrency. */
const DEFAULT_CONCURRENCY = 5;

/** A stream keeps its records for a day: retries without a limit of their own end there. */
const STREAM_RETENTION_SECONDS = 24 * 60 * 60;

export function createMappingRegistry(deps: RegistryDeps): MappingRegistry {
  const { clock, newId, sources, targetOf } = deps;
  const mappings = new Map<string, OpenMapping>();
  const leaving = new Set<MappingRunner>();

  const opened: typeof open = (uuid, mapping, source, places) =>
    open(uuid, mapping, source, places).catch((error: unknown) => {
      throw asMissingSource(error, mapping.eventSourceArn, source) ?? error;
    });

  const open = async (
    uuid: string,
    mapping: EventSourceMappingConfiguration,
    source: EventSource,
    places?: MappingPlaces,
  ) => {
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

  const assertFree = ({ functionName, qualifier, eventSourceArn }: EventSourceMappingConfiguration, own?: string) => {
    for (const { uuid, configuration: other } of mappings.values()) {
      if (uuid === own || other.functionName !== functionName || other.qualifier !== qualifier) continue;
      if (other.eventSourceArn !== eventSourceArn) continue;
      const isQueue = parseEventSource(eventSourceArn)?.kind === 'queue';
      const [first, last] = isQueue
        ? ['An event source mapping with SQS arn', 'already exists']
        : ['The event source arn', 'provided mapping already exists'];
      throw resourceConflict(
        `${first} (" ${eventSourceArn} ") and function (" ${functionName} ") ${last}. Please update or delete the existing mapping with UUID ${uuid}`,
      );
    }
  };

  const find = (uuid: string): OpenMapping => {
    const mapping = mappings.get(uuid);
    if (mapping === undefined) throw mappingNotFound();
    return mapping;
  };

  return {
    async create(configuration) {
      const source = checkMapping(configuration);
      assertFree(configuration);
      const uuid = newId();
      const mapping = openMapping(uuid, configuration, source, await opened(uuid, configuration, source), clock);
      mappings.set(uuid, mapping);
      return mapping;
    },
    async update(uuid, configuration) {
      const mapping = find(uuid);
      const source = checkMapping(configuration);
      assertFree(configuration, uuid);
      targetOf(configuration);
      const { runner } = mapping;
      const wasEnabled = mapping.isEnabled();
      await runner.stop();
      try {
        mapping.take(configuration, await opened(uuid, configuration, source, runner.places?.()));
      } catch (error) {
        if (wasEnabled) runner.start();
        throw error;
      }
      return mapping;
    },
    async remove(uuid) {
      const { runner } = find(uuid);
      mappings.delete(uuid);
      leaving.add(runner);
      try {
        await runner.stop();
      } finally {
        leaving.delete(runner);
      }
    },
    get: find,
    list: () => [...mappings.values()],
    async stopAll() {
      await Promise.all(
        [...[...mappings.values()].map(({ runner }) => runner), ...leaving].map((runner) => runner.stop()),
      );
    },
  };
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

interface OpenMapping extends Mapping {
  take(configuration: EventSourceMappingConfiguration, runner: MappingRunner): void;
}

function openMapping(
  uuid: string,
  configuration: EventSourceMappingConfiguration,
  source: EventSource,
  runner: MappingRunner,
  clock: EngineClock,
): OpenMapping {
  let current = { configuration, runner };
  let enabled = false;
  let modifiedAt = clock.now();
  const begin = () => {
    enabled = current.configuration.enabled ?? true;
    modifiedAt = clock.now();
    if (enabled) current.runner.start();
  };
  begin();
  return {
    uuid,
    source,
    get configuration() {
      return current.configuration;
    },
    get runner() {
      return current.runner;
    },
    isEnabled: () => enabled,
    modifiedAt: () => modifiedAt,
    setEnabled(next) {
      if (next === enabled) return;
      enabled = next;
      modifiedAt = clock.now();
      if (next) current.runner.start();
      else void current.runner.stop();
    },
    take(next, nextRunner) {
      current = { configuration: next, runner: nextRunner };
      begin();
    },
  };
}

/** The patterns of a mapping are alternatives. */
function compileFilters(
  { filterPatterns = [] }: EventSourceMappingConfiguration,
  { compileEventPattern }: RegistryDeps,
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
