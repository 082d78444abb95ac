import type { EngineClock } from '../../../../local/clock.ts';
import { type ForeignSystem, foreignError, textOf } from './foreign-system.ts';
import { itemsOf, type ParcelBooks } from './parcel-books.ts';

/** Where its vans go. */
const AREA: readonly string[] = ['GB', 'IE'];

/** What fits on a van. */
const MOST_PIECES = 200;

/** One price for what fits into a crate of ten. */
const PENCE_PER_CRATE = 450;
const PIECES_PER_CRATE = 10;

/** Its codes for what the desk asks for. */
const CAUSES: ReadonlyMap<string, string> = new Map([
  ['NO_SERVICE', 'outside-area'],
  ['ADDRESS_UNKNOWN', 'unknown-address'],
  ['TOO_HEAVY', 'overweight'],
]);

const priceOf = (pieces: number): number => Math.ceil(pieces / PIECES_PER_CRATE) * PENCE_PER_CRATE;

/** Brings parcels by van, in one day and to few countries; words of its own for all that the carrier does. */
export function createCourierSystem(
  { book, onBooked }: ParcelBooks,
  clock: Pick<EngineClock, 'now'>,
  newRef: (prefix: string) => string,
): ForeignSystem {
  return {
    look({ path, query }) {
      if (path !== '/v1/offers') return foreignError(404, 'NOT_FOUND', `there is no ${path}`);
      const pieces = Number(query.get('pieces'));
      if (!Number.isSafeInteger(pieces) || pieces < 1) {
        return foreignError(400, 'OFFER_INVALID', 'offers are for a number of pieces');
      }
      const goes = AREA.includes(query.get('to') ?? 'GB') && pieces <= MOST_PIECES;
      const offers = goes ? [{ product: 'next-day', pence: priceOf(pieces), transitHours: 24 }] : [];
      return { status: 200, body: { currency: 'GBP', offers } };
    },

    perform({ path, body, idempotencyKey }, refusal) {
      if (path !== '/v1/jobs') return foreignError(404, 'NOT_FOUND', `there is no ${path}`);
      const reference = textOf(body['reference']);
      const items = itemsOf(body['goods'], { article: 'code', pieces: 'count' });
      if (reference === undefined || items === undefined || body['product'] !== 'next-day') {
        return foreignError(
          400,
          'JOB_INVALID',
          'a job needs reference, product next-day, and goods with code and count',
        );
      }
      const dropOff = body['dropOff'];
      const country = dropOff === undefined ? undefined : countryOf(dropOff);
      if (dropOff !== undefined && country === undefined) {
        return foreignError(400, 'DROP_OFF_INVALID', 'a dropOff needs contact, address and country');
      }
      const pieces = items.reduce((sum, item) => sum + item.pieces, 0);
      const entry = {
        system: 'courier' as const,
        idempotencyKey,
        reference,
        items,
        country,
        price: priceOf(pieces),
        at: new Date(clock.now()).toISOString(),
      };
      const isOutside = !AREA.includes(country ?? 'GB') || pieces > MOST_PIECES;
      const cause = refusal === undefined ? (isOutside ? 'outside-area' : undefined) : (CAUSES.get(refusal) ?? refusal);
      if (cause !== undefined) {
        book.parcels.push({ ...entry, state: 'REJECTED', consignment: undefined });
        return { status: 200, body: { declined: cause } };
      }
      const jobId = newRef('JOB');
      const trackingId = newRef('VAN');
      onBooked({ account: textOf(body['customer']), reference, trackingCode: trackingId });
      book.parcels.push({ ...entry, state: 'BOOKED', consignment: jobId });
      return { status: 201, body: { jobId, trackingId } };
    },
  };
}

/** Of a complete address. */
function countryOf(dropOff: unknown): string | undefined {
  const { contact, address, country } = (dropOff ?? {}) as Readonly<Record<string, unknown>>;
  return textOf(contact) === undefined || textOf(address) === undefined ? undefined : textOf(country);
}
