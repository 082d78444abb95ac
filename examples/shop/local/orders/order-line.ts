import { formatAmount, readAmount } from './amount.ts';
import { invoiceDateProblems } from './invoice-date.ts';
import { invoiceNoProblems, isCancellation } from './invoice-no.ts';

/** The original form of the data: one line for each thing on an invoice. */
export const ORDER_LINE_COLUMNS = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
] as const;

interface LineOfInvoice {
  readonly invoiceNo: string;
  readonly customerId: string;
  readonly sku: string;
}

export interface SoldLine extends LineOfInvoice {
  readonly kind: 'sold';
  readonly name: string;
  readonly quantity: number;
  readonly unitPriceMinorUnits: number;
  readonly notice: string | undefined;
}

export type OrderLine =
  | SoldLine
  | (LineOfInvoice & { readonly kind: 'taken-back' })
  | { readonly kind: 'bad'; readonly reason: string };

/** Beyond it, sums of pence would not be exact. */
const MOST_PIECES = 1_000_000;

/** Reads one line: a thing that is sold, or one that a cancellation takes back. */
export function readOrderLine(fields: readonly string[]): OrderLine {
  if (fields.length !== ORDER_LINE_COLUMNS.length) {
    return { kind: 'bad', reason: `${ORDER_LINE_COLUMNS.length} fields are needed, got ${fields.length}` };
  }
  const [invoiceNo = '', sku = '', description = '', quantityText = '', date = '', unitPrice = '', customerId = ''] =
    fields;
  const cancels = isCancellation(invoiceNo);
  const quantity = Number(quantityText);
  const price = readAmount(unitPrice);
  const problems = [
    ...invoiceNoProblems(invoiceNo),
    ...invoiceDateProblems(date),
    ...(sku === '' ? ['StockCode is missing'] : []),
    ...(customerId === '' ? ['CustomerID is missing'] : []),
    ...(cancels || isPieces(quantityText) ? [] : [`Quantity '${quantityText}' is not from 1 to ${MOST_PIECES}`]),
    ...(!cancels && typeof price === 'string' ? [`UnitPrice ${price}`] : []),
  ];
  if (problems.length > 0) return { kind: 'bad', reason: problems.join('; ') };
  if (cancels || typeof price === 'string') return { kind: 'taken-back', invoiceNo, customerId, sku };
  const { minorUnits, isRounded } = price;
  return {
    kind: 'sold',
    invoiceNo,
    customerId,
    sku,
    name: description === '' ? sku : description,
    quantity,
    unitPriceMinorUnits: minorUnits,
    notice: isRounded ? `UnitPrice '${unitPrice}' was rounded to ${formatAmount(minorUnits)}` : undefined,
  };
}

const isPieces = (text: string): boolean => /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= MOST_PIECES;
