import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AdapterRuntime, systemClock } from 'waybill/runtime';
import { createMovableClock } from '../../../../local/clock.ts';
import { selectMailer } from '../../functions/notifications/select-mailer.ts';
import { selectPaymentGateway } from '../../functions/payments/select-payment-gateway.ts';
import type { Carrier } from '../../functions/shipping/carrier.ts';
import { selectCarriers } from '../../functions/shipping/select-carriers.ts';
import { type ExternalServices, openExternalServices } from '../../local/external/external-services.ts';

const runtime: AdapterRuntime = {
  clock: systemClock,
  random: () => 0.5,
  logger: new Logger({ serviceName: 'shop', logLevel: 'SILENT' }),
  metrics: new Metrics({ namespace: 'Waybill/test', serviceName: 'shop' }),
};
const { signal } = new AbortController();
const charge = {
  orderId: '1001',
  amount: { currency: 'GBP', minorUnits: 450 },
  paymentMethod: undefined,
  idempotencyKey: 'charge-1001',
};
const booking = {
  orderId: '1001',
  service: 'STANDARD',
  lines: [{ sku: 'TEA', quantity: 1 }],
  account: undefined,
  address: undefined,
  idempotencyKey: 'book-1001',
};
const mail = { customerId: 'c1', subject: 'Hello', text: 'Tea', idempotencyKey: 'mail-1001' };

let external: ExternalServices;

beforeAll(async () => {
  external = await openExternalServices({ clock: createMovableClock() });
});
afterAll(() => external.close());

describe('the shop’s adapters', () => {
  it('are fakes if no URL is set, or an empty one', async () => {
    for (const environment of [{}, { PAYMENT_GATEWAY_URL: '', CARRIER_URL: '', COURIER_URL: '', MAILER_URL: '' }]) {
      await selectPaymentGateway(environment, runtime).charge(charge, signal);
      const [carrier, ...others] = selectCarriers(environment, runtime);
      await carrier?.book(booking, signal);
      expect([carrier?.name, ...others]).toEqual(['fake']);
      await selectMailer(environment, runtime).send(mail, signal);
    }

    expect(external.ledger().requests.received).toBe(0);
  });

  it('call the system at their URL', async () => {
    const environment = {
      PAYMENT_GATEWAY_URL: external.paymentGatewayUrl,
      CARRIER_URL: `${external.carrierUrl}/`,
      MAILER_URL: external.mailerUrl,
    };

    const charged = await selectPaymentGateway(environment, runtime).charge(charge, signal);
    const carriers = selectCarriers(environment, runtime);
    const [carrier] = carriers as readonly [Carrier];
    const booked = await carrier.book(booking, signal);
    await selectMailer(environment, runtime).send(mail, signal);

    // no fake beside a real one: it could be the cheapest
    expect(carriers.map(({ name }) => name)).toEqual(['carrier']);
    expect([charged.kind, booked.kind]).toEqual(['captured', 'booked']);
    expect(external.ledger()).toMatchObject({
      charges: [{ idempotencyKey: 'charge-1001', minorUnits: 450 }],
      parcels: [{ idempotencyKey: 'book-1001' }],
      mails: [{ idempotencyKey: 'mail-1001' }],
    });
  });

  it('are all carriers whose URL is set', () => {
    const environment = { CARRIER_URL: external.carrierUrl, COURIER_URL: external.courierUrl };

    expect(selectCarriers(environment, runtime).map(({ name }) => name)).toEqual(['carrier', 'courier']);
  });
});
