import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PolicyLimitOptions } from 'waybill/resilience';
import { createHttpPaymentGateway } from '../../functions/payments/http-payment-gateway.ts';
import type { ExternalFault } from '../../local/external/external-faults.ts';
import { useExternalServices } from './external-rig.ts';
import { chargeOf, describePaymentGateway, signal } from './payment-gateway.ts';
import { realSystem } from './real-system.ts';

const { external, client, timeOut } = useExternalServices();

/** What is new in the ledger since it was opened. */
function open(limits?: PolicyLimitOptions) {
  const { charges, refunds, requests } = external().ledger();
  const captured = () =>
    external()
      .ledger()
      .charges.slice(charges.length)
      .filter(({ state }) => state === 'CAPTURED');
  return {
    gateway: createHttpPaymentGateway(client('payment-gateway', limits)),
    captured,
    charged: () => captured().map(({ idempotencyKey }) => idempotencyKey),
    refunded: () =>
      external()
        .ledger()
        .refunds.slice(refunds.length)
        .map(({ idempotencyKey }) => idempotencyKey),
    received: () => external().ledger().requests.received - requests.received,
  };
}

const disturb = (fault: ExternalFault, times?: number) => external().disturb('payment-gateway', fault, times);

describePaymentGateway('HTTP, against the local gateway', () => open());

const real = realSystem('payment-gateway');
if (real !== undefined) {
  describePaymentGateway(`HTTP, against ${real.url}`, () => ({
    gateway: createHttpPaymentGateway(real.client()),
    charged: undefined,
    refunded: undefined,
  }));
}

describe('a charge over HTTP', () => {
  it.each<[string, ExternalFault]>([
    ['a connection that is reset after the charge', { kind: 'reset', when: 'after' }],
    ['a connection that is reset before it', { kind: 'reset', when: 'before' }],
    ['an internal error', { kind: 'error', status: 500 }],
    ['a request to come back at once', { kind: 'throttle', retryAfterSeconds: 0 }],
  ])('that meets %s is made once', async (_what, fault) => {
    const { gateway, captured, received } = open();
    const charge = chargeOf(450);
    disturb(fault, 2);

    const outcome = await gateway.charge(charge, signal);

    expect(outcome).toEqual({ kind: 'captured', paymentId: captured()[0]?.txnRef });
    expect(captured()).toMatchObject([{ idempotencyKey: charge.idempotencyKey, minorUnits: 450, currency: 'GBP' }]);
    expect(received()).toBe(3);
  });

  it('that gets no answer is made once', async () => {
    const { gateway, captured, received } = open();
    const charge = chargeOf(450);
    disturb({ kind: 'hang' }, 2);

    const outcome = await timeOut(2, () => gateway.charge(charge, signal));

    expect(outcome).toEqual({ kind: 'captured', paymentId: captured()[0]?.txnRef });
    expect(captured()).toMatchObject([{ idempotencyKey: charge.idempotencyKey, minorUnits: 450, currency: 'GBP' }]);
    expect(received()).toBe(3);
  });

  it('that was made without an answer is not repeated when its event is delivered again', async () => {
    const { gateway, charged } = open();
    const charge = chargeOf(450);
    disturb({ kind: 'reset', when: 'after' }, 3);
    await expect(gateway.charge(charge, signal)).rejects.toMatchObject({ code: 'EXTERNAL_UNAVAILABLE' });

    const outcome = await gateway.charge(charge, signal);

    expect(outcome.kind).toBe('captured');
    expect(charged()).toEqual([charge.idempotencyKey]);
  });

  it.each<[string, ExternalFault, object]>([
    ['5xx', { kind: 'error', status: 503 }, { code: 'EXTERNAL_UNAVAILABLE', disposition: 'retry' }],
    [
      '503 with a long Retry-After',
      { kind: 'error', status: 503, retryAfterSeconds: 60 },
      { code: 'EXTERNAL_UNAVAILABLE', disposition: 'defer', retryAfterSeconds: 60 },
    ],
    [
      '429 with a long Retry-After',
      { kind: 'throttle', retryAfterSeconds: 30 },
      { code: 'EXTERNAL_THROTTLED', disposition: 'defer', retryAfterSeconds: 30 },
    ],
    ['409', { kind: 'error', status: 409 }, { code: 'EXTERNAL_CONFLICT' }],
    ['401', { kind: 'error', status: 401 }, { code: 'EXTERNAL_UNAUTHORIZED' }],
    ['403', { kind: 'error', status: 403 }, { code: 'EXTERNAL_REQUEST_REJECTED', status: 403 }],
    ['a redirect', { kind: 'odd', status: 302, body: {} }, { code: 'EXTERNAL_REQUEST_REJECTED', status: 302 }],
  ])('rejects on %s after its last try', async (_what, fault, expected) => {
    const { gateway } = open();
    disturb(fault, 3);

    const outcome = gateway.charge(chargeOf(450), signal);

    await expect(outcome).rejects.toMatchObject(expected);
  });

  it('rejects with EXTERNAL_TIMEOUT if every try hangs', async () => {
    const { gateway } = open();
    disturb({ kind: 'hang' }, 3);

    const outcome = timeOut(3, () => gateway.charge(chargeOf(450), signal));

    await expect(outcome).rejects.toMatchObject({ code: 'EXTERNAL_TIMEOUT' });
  });

  it('rejects with EXTERNAL_UNAVAILABLE if the connection is refused', async () => {
    const gateway = createHttpPaymentGateway(client('payment-gateway', {}, 'http://127.0.0.1:1'));

    const outcome = gateway.charge(chargeOf(450), signal);

    await expect(outcome).rejects.toMatchObject({
      code: 'EXTERNAL_UNAVAILABLE',
      message: expect.stringContaining('payment-gateway is not available: no response from http://127.0.0.1:1'),
    });
  });

  it.each<[string, unknown, string, string]>([
    ['without its reference', { state: 'CAPTURED', amt: '4.50', ccy: 'GBP' }, 'txnRef', 'expected string'],
    ['of another amount', { txnRef: 't', state: 'CAPTURED', amt: '45.00', ccy: 'GBP' }, 'amt', '"4.50"'],
    ['in another currency', { txnRef: 't', state: 'CAPTURED', amt: '4.50', ccy: 'USD' }, 'ccy', '"GBP"'],
    ['in a state of its own', { txnRef: 't', state: 'PENDING', amt: '4.50', ccy: 'GBP' }, 'state', '"CAPTURED"'],
    ['that is null', null, '', 'expected object'],
  ])('rejects an answer %s, with the path and what was expected', async (_what, body, path, message) => {
    const { gateway, received } = open();
    disturb({ kind: 'odd', body });

    const outcome = gateway.charge(chargeOf(450), signal);

    await expect(outcome).rejects.toMatchObject({
      code: 'EXTERNAL_RESPONSE_INVALID',
      status: 201,
      mismatches: expect.arrayContaining([{ path, message: expect.stringContaining(message) }]),
    });
    expect(received()).toBe(1);
  });

  it('rejects a truncated answer, and finds the existing charge when it is repeated', async () => {
    const { gateway, charged } = open();
    const charge = chargeOf(450);
    disturb({ kind: 'malformed' });
    await expect(gateway.charge(charge, signal)).rejects.toMatchObject({
      code: 'EXTERNAL_RESPONSE_INVALID',
      mismatches: [{ path: '', message: expect.stringMatching(/^expected JSON, got \d+ bytes of application\/json$/) }],
    });

    const outcome = await gateway.charge(charge, signal);

    expect(outcome.kind).toBe('captured');
    expect(charged()).toEqual([charge.idempotencyKey]);
  });

  it.each([
    ['INSUFFICIENT_FUNDS', 'insufficient-funds'],
    ['CARD_EXPIRED', 'card-expired'],
    ['NEW_LAST_WEEK', 'other'],
    ['constructor', 'other'],
  ])('that is declined with %s has the reason %s', async (code, reason) => {
    const { gateway } = open();
    disturb({ kind: 'refuse', code });

    const outcome = await gateway.charge(chargeOf(450), signal);

    expect(outcome).toEqual({ kind: 'declined', reason });
  });
});

describe('a refund over HTTP', () => {
  it('rejects a payment that the gateway does not know', async () => {
    const { gateway } = open();

    const refund = gateway.refund(
      { paymentId: 'of/another', amount: { currency: 'GBP', minorUnits: 1 }, idempotencyKey: 'refund-of-nothing' },
      signal,
    );

    await expect(refund).rejects.toMatchObject({ code: 'EXTERNAL_REQUEST_REJECTED', status: 404 });
  });
});

describe('any sequence of external faults', () => {
  const fault = fc.constantFrom<ExternalFault | undefined>(
    undefined,
    { kind: 'error', status: 500 },
    { kind: 'throttle', retryAfterSeconds: 0 },
    { kind: 'throttle', retryAfterSeconds: 60 },
    { kind: 'reset', when: 'before' },
    { kind: 'reset', when: 'after' },
    { kind: 'malformed' },
    { kind: 'odd', body: {} },
    { kind: 'hang' },
  );

  it('causes at most one charge per key, and exactly one if the charge was answered', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 8 }), fc.integer({ min: 1, max: 5 }), async (faults, events) => {
        const { gateway, charged } = open({ timeoutMs: 40, breaker: { trip: { consecutiveFailures: 4 } } });
        const charge = chargeOf(450);
        external().calm();
        // a request that is left alone is a fault that does nothing
        for (const one of faults) disturb(one ?? { kind: 'slow', delayMs: 0 });

        const outcomes: string[] = [];
        for (let receive = 0; receive < events; receive += 1) {
          outcomes.push(
            await gateway.charge(charge, signal).then(
              ({ kind }) => kind,
              () => 'failed',
            ),
          );
        }

        const answered = outcomes.includes('captured');
        expect(charged().length).toBeLessThanOrEqual(1);
        if (answered) expect(charged()).toEqual([charge.idempotencyKey]);
      }),
      { numRuns: 60 },
    );
  });
});
