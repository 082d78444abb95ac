import type { EngineClock } from '../../../../local/clock.ts';
import { type ForeignSystem, foreignError, textOf } from './foreign-system.ts';
import type { LedgerBook, LedgerParcel } from './ledger.ts';
import type { TrackedParcel } from './tracking-sender.ts';

/** Brings parcels; refuses only where it is told to. */
export function createCarrierSystem(
  book: LedgerBook,
  clock: Pick<EngineClock, 'now'>,
  newRef: (prefix: string) => string,
  onBooked: (parcel: TrackedParcel) => void,
): ForeignSystem {
  return {
    perform({ path, body, idempotencyKey }, refusal) {
      if (path !== '/parcels') return foreignError(404, 'NOT_FOUND', `there is no ${path}`);
      const reference = textOf(body['customerReference']);
      const items = itemsOf(body['items']);
      if (reference === undefined || items === undefined) {
        return foreignError(
          400,
          'PARCEL_INVALID',
          'a parcel needs a customerReference and items, each with article and pieces',
        );
      }
      const consignee = body['consignee'];
      const country = consignee === undefined ? undefined : countryOf(consignee);
      if (consignee !== undefined && country === undefined) {
        return foreignError(400, 'CONSIGNEE_INVALID', 'a consignee needs name, street, town and countryCode');
      }
      const entry = { idempotencyKey, reference, items, country, at: new Date(clock.now()).toISOString() };
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

function itemsOf(value: unknown): LedgerParcel['items'] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const items = value.map((item: unknown) => {
    const { article, pieces } = (item ?? {}) as { readonly article?: unknown; readonly pieces?: unknown };
    const name = textOf(article);
    return name !== undefined && Number.isSafeInteger(pieces) && Number(pieces) > 0
      ? { article: name, pieces: Number(pieces) }
      : undefined;
  });
  return items.every((item) => item !== undefined) ? items : undefined;
}
