import { describe, expect, it } from 'vitest';
import { ENVIRONMENT_NAMES } from 'waybill/cdk';
import { selectShopSettings } from '../../infra/shop-settings.ts';

const PRESET = {
  fulfilment: 'choreographed',
  accounts: 'own',
  accessTokenSeconds: 600,
  passwordMemoryKiB: 19_456,
  passwordPasses: 2,
  signingKeyDays: 90,
  sync: 'off',
};

describe("the shop's settings", () => {
  it.each(ENVIRONMENT_NAMES)('choreograph services and use fakes in %s by default', (name) => {
    expect(selectShopSettings(name, {})).toStrictEqual(PRESET);
  });

  it('can be overridden one by one', () => {
    const context = {
      'shop:fulfilment': 'orchestrated',
      'shop:carrierUrl': 'http://127.0.0.1:4600/carrier',
      env: 'dev',
    };

    expect(selectShopSettings('dev', context)).toStrictEqual({
      ...PRESET,
      fulfilment: 'orchestrated',
      carrierUrl: 'http://127.0.0.1:4600/carrier',
    });
  });

  it('are rejected with all problems in one error, each with the allowed values', () => {
    const context = { 'shop:fulfilment': 'improvised', 'shop:mailerUrl': 'smtp://mail.example', 'shop:price': '1' };

    expect(() => selectShopSettings('prod', context)).toThrow(
      expect.objectContaining({
        code: 'SETTINGS_INVALID',
        message:
          "the shop of environment 'prod' cannot be used:\n" +
          '  - fulfilment must be one of choreographed, orchestrated, got "improvised"\n' +
          '  - mailerUrl must begin with https://; http:// is allowed for localhost only\n' +
          "  - 'price' is no setting of the shop: choose from fulfilment, accounts, accessTokenSeconds, passwordMemoryKiB, passwordPasses, signingKeyDays, paymentGatewayUrl, fraudCheckUrl, carrierUrl, courierUrl, mailerUrl, sync, supplierAUrl, supplierBUrl",
      }),
    );
  });

  it('take the accounts of others, and numbers, from the command line', () => {
    const accounts = { issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/pool', audience: ['web', 'app'] };
    const context = { 'shop:accounts': JSON.stringify(accounts), 'shop:accessTokenSeconds': '60' };

    expect(selectShopSettings('dev', context)).toStrictEqual({ ...PRESET, accounts, accessTokenSeconds: 60 });
  });

  it.each([
    [{ 'shop:accounts': 'cognito' }, /accounts must be 'own', or \{"issuer":"https:.*, got "cognito"/],
    [{ 'shop:accounts': '{"issuer":"https://auth.example.com"}' }, /accounts must be 'own', or .*, got \{"issuer"/],
    [{ 'shop:accounts': '{"issuer":"http://auth.example.com","audience":["a"]}' }, /accounts must be 'own', or/],
    [{ 'shop:accessTokenSeconds': '0' }, /accessTokenSeconds must be from 5 to 3600 seconds, got 0/],
    [
      { 'shop:accessTokenSeconds': 'long' },
      /accessTokenSeconds must be a whole number from 5 to 3600 seconds, got "long"/,
    ],
    [{ 'shop:passwordPasses': '1' }, /passwordPasses must be from 2 to 20 passes, got 1/],
    [{ 'shop:sync': 'yes' }, /sync must be one of off, on, got "yes"/],
    [
      { 'shop:sync': 'on', 'shop:carrierUrl': 'https://carrier.example.com' },
      /supplierAUrl is required by sync 'on': set -c shop:supplierAUrl=https:.*\n.*supplierBUrl is required by sync 'on'/,
    ],
  ])('refuse %j', (context, message) => {
    expect(() => selectShopSettings('dev', context)).toThrow(message);
  });

  it.each([
    [
      { 'shp:fulfilment': 'orchestrated' },
      /shp:fulfilment is not read: did you mean -c shop:fulfilment=orchestrated\?/,
    ],
    [{ 'shop:fulfillment': 'orchestrated' }, /'fulfillment' is no setting of the shop: did you mean fulfilment\?/],
  ])('suggest the intended setting for %j', (context, message) => {
    expect(() => selectShopSettings('dev', context)).toThrow(message);
  });
});
