import { describe, expect, it } from 'vitest';
import { createHttpCarrier } from '../../functions/shipping/http-carrier.ts';
import type { ExternalFault } from '../../local/external/external-faults.ts';
import { bookingOf, describeCarrier, signal } from './carrier.ts';
import { useExternalServices } from './external-rig.ts';
import { realSystem } from './real-system.ts';

const { external, client } = useExternalServices();

/** What is new in the ledger since it was opened. */
function open() {
  const before = external().ledger().parcels.length;
  const booked = () =>
    external()
      .ledger()
      .parcels.slice(before)
      .filter(({ state }) => state === 'BOOKED');
  return {
    carrier: createHttpCarrier(client('carrier')),
    parcels: booked,
    booked: () => booked().map(({ idempotencyKey }) => idempotencyKey),
  };
}

const disturb = (fault: ExternalFault, times?: number) => external().disturb('carrier', fault, times);

describeCarrier('HTTP, against the local carrier', () => open());

const real = realSystem('carrier');
if (real !== undefined) {
  describeCarrier(`HTTP, against ${real.url}`, () => ({
    carrier: createHttpCarrier(real.client()),
    booked: undefined,
  }));
}

describe('a booking over HTTP', () => {
  it('sends the contents of the parcel to the carrier', async () => {
    const { carrier, parcels } = open();

    await carrier.book(bookingOf({ lines: [{ sku: 'KETTLE', quantity: 20 }] }), signal);

    expect(parcels()).toMatchObject([{ reference: '1001', items: [{ article: 'KETTLE', pieces: 20 }] }]);
  });

  it.each([
    ['TOO_HEAVY', 'too-heavy'],
    ['NEW_LAST_WEEK', 'other'],
    ['toString', 'other'],
  ])('that is refused with %s has the reason %s, even if it is repeated', async (code, reason) => {
    const { carrier, booked } = open();
    const booking = bookingOf();
    disturb({ kind: 'refuse', code });

    const outcomes = [await carrier.book(booking, signal), await carrier.book(booking, signal)];

    expect(outcomes).toEqual([
      { kind: 'refused', reason },
      { kind: 'refused', reason },
    ]);
    expect(booked()).toEqual([]);
  });

  it('results in one parcel if connections are reset after it', async () => {
    const { carrier, booked } = open();
    const booking = bookingOf();
    disturb({ kind: 'reset', when: 'after' }, 2);

    await carrier.book(booking, signal);

    expect(booked()).toEqual([booking.idempotencyKey]);
  });

  it.each<[string, unknown, string]>([
    ['no tracking code', { STATUS: 'BOOKED', CONSIGNMENT: { NUMBER: 'CN_1' } }, 'CONSIGNMENT.TRACKING_CODE'],
    ['a status of its own', { STATUS: 'MAYBE' }, 'STATUS'],
    ['no reason', { STATUS: 'REJECTED' }, 'REASON_CODE'],
  ])('rejects an answer with %s', async (_what, body, path) => {
    const { carrier } = open();
    disturb({ kind: 'odd', body });

    const outcome = carrier.book(bookingOf(), signal);

    await expect(outcome).rejects.toMatchObject({
      code: 'EXTERNAL_RESPONSE_INVALID',
      mismatches: [expect.objectContaining({ path })],
    });
  });
});
