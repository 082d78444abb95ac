import type { FunctionConfiguration } from './configuration.ts';
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

/** A mapping as GetEventSourceMapping shows it. */
export function mappingView(
  { uuid, configuration, runner, isEnabled, modifiedAt }: Mapping,
  { functionArn }: { readonly functionArn: (functionName: string) => string },
) {
  const { functionName, qualifier, filterPatterns, maximumConcurrency, onFailureDestinationArn } = configuration;
  return {
    UUID: uuid,
    FunctionArn: `${functionArn(functionName)}${qualifier === undefined ? '' : `:${qualifier}`}`,
    EventSourceArn: configuration.eventSourceArn,
    State: isEnabled() ? 'Enabled' : 'Disabled',
    StateTransitionReason: 'USER_INITIATED',
    // seconds since the epoch
    LastModified: modifiedAt() / 1000,
    LastProcessingResult: runner.lastResult(),
    BatchSize: configuration.batchSize,
    MaximumBatchingWindowInSeconds: configuration.maximumBatchingWindowSeconds ?? 0,
    FunctionResponseTypes: configuration.reportBatchItemFailures ? ['ReportBatchItemFailures'] : [],
    FilterCriteria: filterPatterns && { Filters: filterPatterns.map((Pattern) => ({ Pattern })) },
    ScalingConfig: maximumConcurrency && { MaximumConcurrency: maximumConcurrency },
    StartingPosition: configuration.startingPosition,
    ParallelizationFactor: configuration.parallelizationFactor,
    BisectBatchOnFunctionError: configuration.bisectBatchOnFunctionError,
    MaximumRetryAttempts: configuration.maximumRetryAttempts,
    MaximumRecordAgeInSeconds: configuration.maximumRecordAgeSeconds,
    DestinationConfig: onFailureDestinationArn && { OnFailure: { Destination: onFailureDestinationArn } },
  };
}
