import { describe, expect, it } from 'vitest';
import { ExternalUnavailableError } from 'waybill/resilience';
import { createMovableClock } from '../../../../local/clock.ts';
import type { Carrier } from '../../functions/shipping/carrier.ts';
import { createFakeCarrier } from '../../functions/shipping/fake-carrier.ts';
import { withKeptRates } from '../../functions/shipping/kept-rates.ts';

const { signal } = new AbortController();

const request = { account: 'acme', country: 'GB', pieces: 2 };

const booking = {
  orderId: '1042',
  account: undefined,
  service: 'standard',
  lines: [{ sku: 'TEA', quantity: 1 }],
  address: undefined,
  idempotencyKey: 'k',
};

function createKept() {
  const start = Date.parse('2026-11-20T06:00:00Z');
  let now = start;
  const clock = createMovableClock(() => now);
  let asked = 0;
  const fake = createFakeCarrier({
    name: 'post',
    rates: () => [{ service: 'standard', amount: { currency: 'GBP', minorUnits: ++asked }, days: 1 }],
  });
  let isDown = false;
  const carrier: Carrier = {
    ...fake,
    async book(...args) {
      if (isDown) throw new ExternalUnavailableError('post', 'asked for');
      return fake.book(...args);
    },
  };
  const kept = withKeptRates(carrier, clock);
  const priceOf = async (more: Partial<typeof request> = {}) =>
    (await kept.rates({ ...request, ...more }, signal)).map(({ amount }) => amount.minorUnits);
  return {
    kept,
    priceOf,
    pass(ms: number) {
      now += ms;
    },
    goDown() {
      isDown = true;
    },
  };
}

describe('kept rates', () => {
  it('are asked for once in ten minutes', async () => {
    const { priceOf, pass } = createKept();
    const first = await priceOf();
    pass(599_999);
    const second = await priceOf();
    pass(1);

    expect([first, second, await priceOf()]).toStrictEqual([[1], [1], [2]]);
  });

  it.each([[{ account: 'other' }], [{ country: 'IE' }], [{ pieces: 3 }]])('are others for %j', async (more) => {
    const { priceOf } = createKept();

    expect([await priceOf(), await priceOf(more), await priceOf()]).toStrictEqual([[1], [2], [1]]);
  });

  it('are forgotten after a failed call, so that who is down is not chosen by what it said before', async () => {
    const { kept, priceOf, goDown } = createKept();
    await priceOf();
    goDown();
    await expect(kept.book(booking, signal)).rejects.toMatchObject({ code: 'EXTERNAL_UNAVAILABLE' });

    expect(await priceOf()).toStrictEqual([2]);
  });

  it('stay after a booking that was answered', async () => {
    const { kept, priceOf } = createKept();
    await priceOf();
    await kept.book(booking, signal);

    expect(await priceOf()).toStrictEqual([1]);
  });
});
