import type { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { ContractError, ENV, type TenancyMode } from '../definitions/index.ts';
import { requireEnv } from '../shared/require-env.ts';
import {
  createTelemetryAudit,
  createTenancy,
  createTenantLogger,
  type Tenancy,
  type TenancyAudit,
} from '../tenancy/index.ts';

export interface TenancyRuntime {
  readonly tenancy: Tenancy;
  /** Adds the current tenant to its lines. */
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface TelemetryOptions {
  /** The service name in log lines and metrics. @default - the value of POWERTOOLS_SERVICE_NAME */
  readonly serviceName?: string;
}

/**
 * Creates the deployment's tenancy, and telemetry that reports work outside of the current tenant.
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE`: the WaybillFunction construct sets the variable
 * @throws ContractError `CONTRACT_INVALID` if the mode is unknown
 */
export function createTenancyRuntime(environment: NodeJS.ProcessEnv, telemetry: TelemetryOptions = {}): TenancyRuntime {
  const { [ENV.tenancy]: mode } = requireEnv(environment, ENV.tenancy);
  if (!isMode(mode)) throw new ContractError(ENV.tenancy, [`must be 'none' or 'required', got '${mode}'`]);
  const tenancy = createTenancy({ mode, audit: { crossTenantWork: (...work) => audit.crossTenantWork(...work) } });
  const logger = createTenantLogger(tenancy, telemetry);
  const metrics = new Metrics(telemetry);
  const audit: TenancyAudit = createTelemetryAudit(logger, metrics);
  return { tenancy, logger, metrics };
}

const isMode = (value: string): value is TenancyMode => value === 'none' || value === 'required';
