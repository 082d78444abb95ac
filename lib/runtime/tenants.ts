import type { TenantDirectory } from '../tenancy/index.ts';
import type { ProducerRuntime } from './producer-runtime.ts';

/** What an API or a consumer knows of tenants. */
export interface TenantsOptions {
  /**
   * Who may work: requests of other tenants are refused with 403, and their events wait until they may.
   * @default - every tenant may
   */
  readonly tenants?: TenantDirectory | ((runtime: ProducerRuntime) => TenantDirectory);
}

export const tenantsOf = (
  { tenants }: TenantsOptions,
  runtime: ProducerRuntime,
): { readonly tenants: TenantDirectory | undefined } => ({
  tenants: typeof tenants === 'function' ? tenants(runtime) : tenants,
});
