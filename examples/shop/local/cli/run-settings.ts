import { selectEnvironment } from '../../../../infra/environments.ts';
import { type ShopSettings, selectShopSettings } from '../../infra/shop-settings.ts';
import { type TenantIds, tenantIdsOf } from '../orders/shop-command.ts';
import type { AppContext } from './app-context.ts';
import type { RunOptions } from './options.ts';

/** What environment and options come to together. */
export interface RunSettings {
  readonly fulfilment: ShopSettings['fulfilment'];
  readonly tenantIds: TenantIds;
}

/** Where the environment requires tenants and no number is given, there is one. */
export function runSettings(context: AppContext, { tenants }: Pick<RunOptions, 'tenants'>): RunSettings {
  const { name, settings } = selectEnvironment(context);
  const { fulfilment } = selectShopSettings(name, context);
  return { fulfilment, tenantIds: tenantIdsOf(tenants ?? (settings.tenancy === 'required' ? 1 : undefined)) };
}
