import type { EngineClock } from '../../clock.ts';
import type { Caller, JsonService } from '../../endpoint/service.ts';
import type { RunLog } from '../../log.ts';
import type { FunctionConfiguration } from '../configuration.ts';
import { invalidParameter, mappingNotFound, resourceConflict } from '../errors.ts';
import type { FunctionReference } from '../function-reference.ts';
import { checkMapping } from './check-mapping.ts';
import type { EventSource, EventSourceMappingConfiguration } from './configuration.ts';
import { openFailureDestination, type PutObject } from './failure-destination.ts';
import type { MappingRunner, MappingTarget, RunnerDeps } from './mapping-runner.ts';
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
  readonly targetOf: (reference: FunctionReference) => { configuration: FunctionConfiguration; target: MappingTarget };
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
  /** @throws AwsError ResourceNotFoundException */
  get(uuid: string): Mapping;
  list(): readonly Mapping[];
  /** Settles when what was at the functions has come to its end. */
  stopAll(): Promise<void>;
}

/** Concurrency of a queue mapping when neither it nor its function says one; AWS starts with five pollers. */
const DEFAULT_CONCURRENCY = 5;

/** A stream keeps its records for a day: retries without a limit of their own end there. */
const STREAM_RETENTION_SECONDS = 24 * 60 * 60;

export function createMappingRegistry(deps: RegistryDeps): MappingRegistry {
  const { clock, newId, sources, targetOf } = deps;
  const mappings = new Map<string, Mapping>();

  const open = async (uuid: string, mapping: EventSourceMappingConfiguration, source: EventSource) => {
    const { configuration, target } = targetOf({ functionName: mapping.functionName, qualifier: mapping.qualifier });
    const { functionName, roleArn } = configuration;
    const caller: Caller = { kind: 'role', roleArn, sessionName: functionName };
    const sqs = createSqsPort(sources.sqs, caller);
    const runnerDeps: RunnerDeps = { uuid, clock, log: deps.log, target, accepts: compileFilters(mapping, deps) };
    if (source.kind === 'queue') return openQueue(runnerDeps, sqs, mapping, configuration, deps.region);
    const { onFailureDestinationArn: destinationArn, maximumRecordAgeSeconds = -1 } = mapping;
    const maximumRecordAgeMs =
      (maximumRecordAgeSeconds === -1 ? STREAM_RETENTION_SECONDS : maximumRecordAgeSeconds) * 1000;
    return openStreamMapping(runnerDeps, createStreamsPort(sources.dynamoDbStreams, caller), {
      streamArn: mapping.eventSourceArn,
      startingPosition: mapping.startingPosition ?? 'TRIM_HORIZON',
      batchSize: mapping.batchSize ?? 100,
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
    });
  };

  return {
    async create(configuration) {
      const source = checkMapping(configuration);
      const { functionName, qualifier, eventSourceArn } = configuration;
      for (const { uuid, configuration: other } of mappings.values()) {
        if (other.functionName !== functionName || other.qualifier !== qualifier) continue;
        if (other.eventSourceArn !== eventSourceArn) continue;
        throw resourceConflict(
          `An event source mapping with event source arn ("${eventSourceArn}") and function ("${functionName}") already exists. Please update or delete the existing mapping with UUID ${uuid}`,
        );
      }
      const uuid = newId();
      const runner = await open(uuid, configuration, source);
      let enabled = configuration.enabled ?? true;
      let modifiedAt = clock.now();
      const mapping: Mapping = {
        uuid,
        configuration,
        source,
        runner,
        isEnabled: () => enabled,
        modifiedAt: () => modifiedAt,
        setEnabled(next) {
          if (next === enabled) return;
          enabled = next;
          modifiedAt = clock.now();
          if (next) runner.start();
          else void runner.stop();
        },
      };
      mappings.set(uuid, mapping);
      if (enabled) runner.start();
      return mapping;
    },
    get(uuid) {
      const mapping = mappings.get(uuid);
      if (mapping === undefined) throw mappingNotFound();
      return mapping;
    },
    list: () => [...mappings.values()],
    async stopAll() {
      await Promise.all([...mappings.values()].map(({ runner }) => runner.stop()));
    },
  };
}

/** @throws AwsError InvalidParameterValueException when messages would come again while the function still has them. */
async function openQueue(
  deps: RunnerDeps,
  sqs: SqsPort,
  mapping: EventSourceMappingConfiguration,
  { timeoutSeconds, reservedConcurrency }: FunctionConfiguration,
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
    batchSize: mapping.batchSize ?? 10,
    windowMs: (mapping.maximumBatchingWindowSeconds ?? 0) * 1000,
    concurrency: mapping.maximumConcurrency ?? reservedConcurrency ?? DEFAULT_CONCURRENCY,
    reportBatchItemFailures: mapping.reportBatchItemFailures ?? false,
  });
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
