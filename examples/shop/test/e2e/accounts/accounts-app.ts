import { App, Stack } from 'aws-cdk-lib';
import { defineSettings, EventHub } from 'waybill/cdk';
import { addAccounts } from '../../../infra/add-accounts.ts';
import { type ShopSettings, selectShopSettings } from '../../../infra/shop-settings.ts';

/** The accounts of the shop alone, with a hub in one stack. */
export function synthesizeAccounts(
  outdir: string,
  { tenancy = 'none', ...settings }: Partial<ShopSettings> & { readonly tenancy?: 'none' | 'required' } = {},
): void {
  const app = new App({ outdir, context: { 'aws:cdk:enable-path-metadata': true } });
  const stack = new Stack(app, 'Shop');
  const hub = new EventHub(stack, 'Hub', {
    settings: defineSettings('dev', { metricNamespace: 'Waybill/accounts', tenancy, compressEvents: false }),
  });
  // a password that costs next to nothing
  const cheap = { passwordMemoryKiB: 64, passwordPasses: 2 };
  addAccounts(stack, { hub, settings: { ...selectShopSettings('dev', {}), ...cheap, ...settings } });
  app.synth();
}
