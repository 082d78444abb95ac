import type { FunctionConfiguration } from './configuration.ts';
import { DEFAULT_QUEUE_BATCH, DEFAULT_STREAM_BATCH } from './mappings/configuration.ts';
import type { Mapping } from './mappings/mapping-registry.ts';
import type { Alias } from './qualifiers.ts';

/** A function as GetFunctionConfiguration shows it. */
export const functionView = (configuration: FunctionConfiguration, functionArn: string, version: string) => ({
  FunctionName: configuration.functionName,
  FunctionArn: functionArn,
  Runtime: configuration.runtime,
  Role: configuration.roleArn,
  Handler: configuration.handler,
  Timeout: configuration.timeoutSeconds,
  MemorySize: configuration.memoryMb,
  Version: version,
  PackageType: 'Zip',
  Environment: { Variables: configuration.environment },
  State: 'Active',
  LastUpdateStatus: 'Successful',
  LoggingConfig: { LogGroup: configuration.logGroup ?? `/aws/lambda/${configuration.functionName}` },
});

/** An alias as GetAlias shows it. */
export const aliasView = ({ name, version, weights }: Alias, functionArn: string) => ({
  AliasArn: `${functionArn}:${name}`,
  Name: name,
  FunctionVersion: version,
  RoutingConfig: Object.keys(weights).length === 0 ? undefined : { AdditionalVersionWeights: weights },
});

/** A mapping as GetEventSourceMapping shows it, with defaults. */
export function mappingView(
  { uuid, configuration, source, runner, isEnabled, modifiedAt }: Mapping,
  { functionArn }: { readonly functionArn: (functionName: string) => string },
) {
  const { functionName, qualifier, eventSourceArn, filterPatterns, maximumConcurrency } = configuration;
  const { onFailureDestinationArn: destination } = configuration;
  const [, , , region, accountId] = eventSourceArn.split(':');
  const isQueue = source.kind === 'queue';
  const ofStream = {
    LastProcessingResult: runner.lastResult(),
    StartingPosition: configuration.startingPosition,
    ParallelizationFactor: configuration.parallelizationFactor ?? 1,
    BisectBatchOnFunctionError: configuration.bisectBatchOnFunctionError ?? false,
    MaximumRetryAttempts: configuration.maximumRetryAttempts ?? -1,
    MaximumRecordAgeInSeconds: configuration.maximumRecordAgeSeconds ?? -1,
    TumblingWindowInSeconds: 0,
    DestinationConfig: { OnFailure: destination === undefined ? {} : { Destination: destination } },
  };
  return {
    UUID: uuid,
    EventSourceMappingArn: `arn:aws:lambda:${region}:${accountId}:event-source-mapping:${uuid}`,
    FunctionArn: `${functionArn(functionName)}${qualifier === undefined ? '' : `:${qualifier}`}`,
    EventSourceArn: eventSourceArn,
    State: isEnabled() ? 'Enabled' : 'Disabled',
    StateTransitionReason: isQueue ? 'USER_INITIATED' : 'User action',
    // seconds since the epoch
    LastModified: modifiedAt() / 1000,
    BatchSize: configuration.batchSize ?? (isQueue ? DEFAULT_QUEUE_BATCH : DEFAULT_STREAM_BATCH),
    MaximumBatchingWindowInSeconds: configuration.maximumBatchingWindowSeconds ?? 0,
    FunctionResponseTypes: configuration.reportBatchItemFailures ? ['ReportBatchItemFailures'] : [],
    FilterCriteria: filterPatterns && { Filters: filterPatterns.map((Pattern) => ({ Pattern })) },
    ...(isQueue ? { ScalingConfig: maximumConcurrency && { MaximumConcurrency: maximumConcurrency } } : ofStream),
  };
}
