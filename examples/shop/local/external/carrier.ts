import type { EngineClock } from '../../../../local/clock.ts';
import { type ForeignSystem, foreignError, textOf } from './foreign-system.ts';
import { itemsOf, type ParcelBooks } from './parcel-books.ts';

const SERVICE = 'STANDARD';

/** In pence: the first piece, and each one more; outside its country a surcharge. */
const FIRST_PIECE = 395;
const NEXT_PIECE = 15;
const ABROAD = 600;

const priceOf = (pieces: number, country: string): number =>
  FIRST_PIECE + (pieces - 1) * NEXT_PIECE + (country === 'GB' ? 0 : ABROAD);

/** Brings parcels everywhere; refuses only where it is told to. */
export function createCarrierSystem(
  { book, onBooked }: ParcelBooks,
  clock: Pick<EngineClock, 'now'>,
  newRef: (prefix: string) => string,
): ForeignSystem {
  return {
    look({ path, query }) {
      if (path !== '/rates') return foreignError(404, 'NOT_FOUND', `there is no ${path}`);
      const pieces = Number(query.get('pieces'));
      if (!Number.isSafeInteger(pieces) || pieces < 1 || query.get('currency') !== 'GBP') {
        return foreignError(400, 'RATES_INVALID', 'rates are for a number of pieces, in GBP');
      }
      const country = query.get('country') ?? 'GB';
      const PRICE = (priceOf(pieces, country) / 100).toFixed(2);
      return {
        status: 200,
        body: { RATES: [{ SERVICE, PRICE, CCY: 'GBP', DAYS: country === 'GB' ? 3 : 7 }] },
      };
    },

    perform({ path, body, idempotencyKey }, refusal) {
      if (path !== '/parcels') return foreignError(404, 'NOT_FOUND', `there is no ${path}`);
      const reference = textOf(body['customerReference']);
      const items = itemsOf(body['items'], { article: 'article', pieces: 'pieces' });
      if (reference === undefined || items === undefined || body['service'] !== SERVICE) {
        return foreignError(
          400,
          'PARCEL_INVALID',
          `a parcel needs a customerReference, the service ${SERVICE}, and items, each with article and pieces`,
        );
      }
      const consignee = body['consignee'];
      const country = consignee === undefined ? undefined : countryOf(consignee);
      if (consignee !== undefined && country === undefined) {
        return foreignError(400, 'CONSIGNEE_INVALID', 'a consignee needs name, street, town and countryCode');
      }
      const pieces = items.reduce((sum, item) => sum + item.pieces, 0);
      const entry = {
        system: 'carrier' as const,
        idempotencyKey,
        reference,
        items,
        country,
        price: priceOf(pieces, country ?? 'GB'),
        at: new Date(clock.now()).toISOString(),
      };
      if (refusal !== undefined) {
        book.parcels.push({ ...entry, state: 'REJECTED', consignment: undefined });
        return { status: 200, body: { STATUS: 'REJECTED', REASON_CODE: refusal } };
      }
      const consignment = newRef('CN');
      const trackingCode = newRef('TRK');
      onBooked({ account: textOf(body['account']), reference, trackingCode });
      book.parcels.push({ ...entry, state: 'BOOKED', consignment });
      return {
        status: 200,
        body: { STATUS: 'BOOKED', CONSIGNMENT: { NUMBER: consignment, TRACKING_CODE: trackingCode } },
      };
    },
  };
}

/** Of a complete address. */
function countryOf(consignee: unknown): string | undefined {
  const { name, street, town, countryCode } = (consignee ?? {}) as Readonly<Record<string, unknown>>;
  const isStreet = Array.isArray(street) && street.length > 0 && street.every((line) => textOf(line) !== undefined);
  const isComplete = textOf(name) !== undefined && textOf(town) !== undefined && isStreet;
  return isComplete ? textOf(countryCode) : undefined;
}
