import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AdapterRuntime, systemClock } from 'waybill/runtime';
import { createMovableClock } from '../../../../local/clock.ts';
import { selectMailer } from '../../functions/notifications/select-mailer.ts';
import { selectPaymentGateway } from '../../functions/payments/select-payment-gateway.ts';
import { selectCarrier } from '../../functions/shipping/select-carrier.ts';
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
    for (const environment of [{}, { PAYMENT_GATEWAY_URL: '', CARRIER_URL: '', MAILER_URL: '' }]) {
      await selectPaymentGateway(environment, runtime).charge(charge, signal);
      await selectCarrier(environment, runtime).book(booking, signal);
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
    const booked = await selectCarrier(environment, runtime).book(booking, signal);
    await selectMailer(environment, runtime).send(mail, signal);

    expect([charged.kind, booked.kind]).toEqual(['captured', 'booked']);
    expect(external.ledger()).toMatchObject({
      charges: [{ idempotencyKey: 'charge-1001', minorUnits: 450 }],
      parcels: [{ idempotencyKey: 'book-1001' }],
      mails: [{ idempotencyKey: 'mail-1001' }],
    });
  });
});
