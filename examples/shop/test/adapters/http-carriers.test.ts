import { describe, expect, it } from 'vitest';
import { createHttpCarrier } from '../../functions/shipping/http-carrier.ts';
import { createHttpCourier } from '../../functions/shipping/http-courier.ts';
import type { ExternalFault } from '../../local/external/external-faults.ts';
import { bookingAt, describeCarrier, signal } from './carrier.ts';
import { useExternalServices } from './external-rig.ts';
import { realSystem } from './real-system.ts';

const { external, client } = useExternalServices();

const CREATE = { carrier: createHttpCarrier, courier: createHttpCourier } as const;

type System = keyof typeof CREATE;

/** What is new in the ledger since it was opened. */
function open(system: System) {
  const before = external().ledger().parcels.length;
  const booked = () =>
    external()
      .ledger()
      .parcels.slice(before)
      .filter((parcel) => parcel.state === 'BOOKED' && parcel.system === system);
  return {
    carrier: CREATE[system](client(system)),
    parcels: booked,
    booked: () => booked().map(({ idempotencyKey }) => idempotencyKey),
  };
}

for (const system of ['carrier', 'courier'] as const) {
  describeCarrier(`HTTP, against the local ${system}`, () => open(system));

  const real = realSystem(system);
  if (real !== undefined) {
    describeCarrier(`HTTP, against ${real.url}`, () => ({
      carrier: CREATE[system](real.client()),
      booked: undefined,
    }));
  }
}

describe.each<[System, readonly (readonly [string, string])[]]>([
  [
    'carrier',
    [
      ['TOO_HEAVY', 'too-heavy'],
      ['NEW_LAST_WEEK', 'other'],
      ['toString', 'other'],
    ],
  ],
  [
    'courier',
    [
      ['overweight', 'too-heavy'],
      ['outside-area', 'no-service'],
      ['toString', 'other'],
    ],
  ],
])('a booking over HTTP at the %s', (system, refusals) => {
  const disturb = (fault: ExternalFault, times?: number) => external().disturb(system, fault, times);

  it('sends the contents of the parcel', async () => {
    const { carrier, parcels } = open(system);

    await carrier.book(await bookingAt(carrier, { lines: [{ sku: 'KETTLE', quantity: 20 }] }), signal);

    expect(parcels()).toMatchObject([{ reference: '1001', items: [{ article: 'KETTLE', pieces: 20 }], country: 'GB' }]);
  });

  it.each(refusals)('that is refused with %s has the reason %s, even if it is repeated', async (code, reason) => {
    const { carrier, booked } = open(system);
    const booking = await bookingAt(carrier);
    disturb({ kind: 'refuse', code });

    const outcomes = [await carrier.book(booking, signal), await carrier.book(booking, signal)];

    expect(outcomes).toEqual([
      { kind: 'refused', reason },
      { kind: 'refused', reason },
    ]);
    expect(booked()).toEqual([]);
  });

  it('results in one parcel if connections are reset after it', async () => {
    const { carrier, booked } = open(system);
    const booking = await bookingAt(carrier);
    disturb({ kind: 'reset', when: 'after' }, 2);

    await carrier.book(booking, signal);

    expect(booked()).toEqual([booking.idempotencyKey]);
  });
});

describe('an answer that is none', () => {
  it.each<[System, string, unknown, string]>([
    ['carrier', 'no tracking code', { STATUS: 'BOOKED', CONSIGNMENT: { NUMBER: 'CN_1' } }, 'CONSIGNMENT.TRACKING_CODE'],
    ['carrier', 'a status of its own', { STATUS: 'MAYBE' }, 'STATUS'],
    ['carrier', 'no reason', { STATUS: 'REJECTED' }, 'REASON_CODE'],
    ['courier', 'no tracking id', { jobId: 'J1' }, 'trackingId'],
  ])('of the %s, with %s, is not taken for a booking', async (system, _what, body, path) => {
    const { carrier } = open(system);
    const booking = await bookingAt(carrier);
    external().disturb(system, { kind: 'odd', body });

    await expect(carrier.book(booking, signal)).rejects.toMatchObject({
      code: 'EXTERNAL_RESPONSE_INVALID',
      mismatches: [expect.objectContaining({ path })],
    });
  });

  it.each<[System, string, unknown, string]>([
    [
      'carrier',
      'a price in words',
      { RATES: [{ SERVICE: 'S', PRICE: 'cheap', CCY: 'GBP', DAYS: 1 }] },
      'RATES.0.PRICE',
    ],
    ['carrier', 'another currency', { RATES: [{ SERVICE: 'S', PRICE: '1.00', CCY: 'EUR', DAYS: 1 }] }, 'RATES.0.CCY'],
    ['courier', 'another currency', { currency: 'EUR', offers: [] }, 'currency'],
    [
      'courier',
      'part of a penny',
      { currency: 'GBP', offers: [{ product: 'p', pence: 1.5, transitHours: 24 }] },
      'offers.0.pence',
    ],
  ])('of the %s, with %s, is not taken for a rate', async (system, _what, body, path) => {
    const { carrier } = open(system);
    external().disturb(system, { kind: 'odd', body });

    const rates = carrier.rates({ account: undefined, country: 'GB', pieces: 1 }, signal);

    await expect(rates).rejects.toMatchObject({
      code: 'EXTERNAL_RESPONSE_INVALID',
      mismatches: [expect.objectContaining({ path })],
    });
  });

  it.each<[System]>([['carrier'], ['courier']])(
    'of a path that the %s does not have, is not “does not deliver”',
    async (system) => {
      const carrier = CREATE[system](client(system, {}, `${external().url}/${system}/moved`));

      await expect(carrier.rates({ account: undefined, country: 'GB', pieces: 1 }, signal)).rejects.toMatchObject({
        code: 'EXTERNAL_REQUEST_REJECTED',
        status: 404,
      });
    },
  );
});

describe('rates over HTTP', () => {
  it('are in pence and days, whatever the carrier calls them', async () => {
    const request = { account: undefined, country: 'GB', pieces: 12 };

    expect(await open('carrier').carrier.rates(request, signal)).toEqual([
      { service: 'STANDARD', amount: { currency: 'GBP', minorUnits: 560 }, days: 3 },
    ]);
    expect(await open('courier').carrier.rates(request, signal)).toEqual([
      { service: 'next-day', amount: { currency: 'GBP', minorUnits: 900 }, days: 1 },
    ]);
  });

  it('are none of a carrier that does not deliver there', async () => {
    const rates = await open('courier').carrier.rates({ account: undefined, country: 'DE', pieces: 1 }, signal);

    expect(rates).toEqual([]);
  });
});
