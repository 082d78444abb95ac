import { describe, expect, it } from 'vitest';
import { appContext } from '../../../local/cli/app-context.ts';
import { runSettings } from '../../../local/cli/run-settings.ts';

const plain = {
  environment: 'dev',
  fulfilment: undefined,
  tenants: undefined,
  chaosSeed: undefined,
  sync: false,
} as const;

describe('appContext', () => {
  it('leaves settings without an option to the environment', () => {
    expect(appContext(plain, {})).toEqual({ env: 'dev' });
  });

  it('sets the fulfilment, the tenancy, the URLs of the external systems, syncs, and a short life of tokens under chaos', () => {
    const context = appContext(
      { environment: 'staging', fulfilment: 'orchestrated', tenants: 3, chaosSeed: 7, sync: true },
      { 'shop:carrierUrl': 'http://127.0.0.1:4600/carrier' },
    );

    expect(context).toEqual({
      env: 'staging',
      'shop:fulfilment': 'orchestrated',
      'setting:tenancy': 'required',
      'shop:sync': 'on',
      'shop:accessTokenSeconds': '10',
      'shop:carrierUrl': 'http://127.0.0.1:4600/carrier',
    });
  });
});

describe('runSettings', () => {
  it('has no tenants, and the fulfilment of the environment', () => {
    expect(runSettings({ env: 'dev' }, plain)).toEqual({ fulfilment: 'choreographed', tenantIds: [undefined] });
  });

  it('has as many tenants as requested', () => {
    const options = { ...plain, fulfilment: 'orchestrated', tenants: 3 } as const;

    expect(runSettings(appContext(options, {}), options)).toEqual({
      fulfilment: 'orchestrated',
      tenantIds: ['tenant-1', 'tenant-2', 'tenant-3'],
    });
  });

  it('has one tenant if the environment requires tenants and no number is given', () => {
    expect(runSettings({ env: 'dev', 'setting:tenancy': 'required' }, plain)).toMatchObject({
      tenantIds: ['tenant-1'],
    });
  });
});
