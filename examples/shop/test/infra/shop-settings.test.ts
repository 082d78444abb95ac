import { describe, expect, it } from 'vitest';
import { ENVIRONMENT_NAMES } from 'waybill/cdk';
import { selectShopSettings } from '../../infra/shop-settings.ts';

describe("the shop's settings", () => {
  it.each(ENVIRONMENT_NAMES)('choreograph services and use fakes in %s by default', (name) => {
    expect(selectShopSettings(name, {})).toStrictEqual({ fulfilment: 'choreographed' });
  });

  it('can be overridden one by one', () => {
    const context = {
      'shop:fulfilment': 'orchestrated',
      'shop:carrierUrl': 'http://127.0.0.1:4600/carrier',
      env: 'dev',
    };

    expect(selectShopSettings('dev', context)).toStrictEqual({
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
          "  - 'price' is no setting of the shop: choose from fulfilment, paymentGatewayUrl, carrierUrl, mailerUrl, accountsIssuer",
      }),
    );
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
