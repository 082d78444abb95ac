import { textOf } from './foreign-system.ts';
import type { LedgerBook, LedgerParcel } from './ledger.ts';
import type { TrackedParcel } from './tracking-sender.ts';

/** What systems that bring parcels write into, and whom they tell. */
export interface ParcelBooks {
  readonly book: LedgerBook;
  readonly onBooked: (parcel: TrackedParcel) => void;
}

/** The goods of a parcel, whatever their fields are called; undefined where one is incomplete. */
export function itemsOf(
  value: unknown,
  names: { readonly article: string; readonly pieces: string },
): LedgerParcel['items'] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const items = value.map((item: unknown) => {
    const { [names.article]: article, [names.pieces]: pieces } = (item ?? {}) as Readonly<Record<string, unknown>>;
    const name = textOf(article);
    return name !== undefined && Number.isSafeInteger(pieces) && Number(pieces) > 0
      ? { article: name, pieces: Number(pieces) }
      : undefined;
  });
  return items.every((item) => item !== undefined) ? items : undefined;
}
