import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { ContractError, ENV, type TenancyMode } from '../../lib/contracts/index.ts';
import { requireEnv } from '../../lib/shared/require-env.ts';
import { createTelemetryAudit, createTenancy, type Tenancy } from '../../lib/tenancy/index.ts';

/**
 * The deployment's tenancy.
 * @param telemetry where work that leaves its tenant is told of
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE`: the WaybillFunction construct sets the variable
 * @throws ContractError `CONTRACT_INVALID` for a mode that there is not
 */
export function createTenancyRuntime(
  environment: NodeJS.ProcessEnv,
  { logger = new Logger(), metrics = new Metrics() }: { readonly logger?: Logger; readonly metrics?: Metrics } = {},
): Tenancy {
  const { [ENV.tenancy]: mode } = requireEnv(environment, ENV.tenancy);
  if (!isMode(mode)) throw new ContractError(ENV.tenancy, [`must be 'none' or 'required', got '${mode}'`]);
  return createTenancy({ mode, audit: createTelemetryAudit(logger, metrics) });
}

const isMode = (value: string): value is TenancyMode => value === 'none' || value === 'required';
