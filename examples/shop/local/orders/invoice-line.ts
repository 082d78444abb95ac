import { CURRENCY, formatAmount, readAmount } from './amount.ts';
import { customerDetails } from './customer-details.ts';
import { invoiceDateProblems } from './invoice-date.ts';
import { invoiceNoProblems, isCancellation } from './invoice-no.ts';
import type { OrderCommand } from './order-command.ts';

export const INVOICE_COLUMNS = ['InvoiceNo', 'InvoiceDate', 'CustomerID', 'TotalPrice'] as const;

/** An invoice says what it comes to, not what was sold. */
export const ASSORTED = { sku: 'ASSORTED', name: 'Assorted goods', price: null } as const;

export type InvoiceLine =
  | { readonly kind: 'order'; readonly order: OrderCommand; readonly notice: string | undefined }
  | { readonly kind: 'bad'; readonly reason: string };

/** Reads one line of invoices into the order that it stands for. */
export function readInvoiceLine(fields: readonly string[]): InvoiceLine {
  if (fields.length !== INVOICE_COLUMNS.length) {
    return { kind: 'bad', reason: `${INVOICE_COLUMNS.length} fields are needed, got ${fields.length}` };
  }
  const [orderId = '', date = '', customerId = '', totalPrice = ''] = fields;
  const amount = readAmount(totalPrice);
  const problems = [
    ...orderIdProblems(orderId),
    ...invoiceDateProblems(date),
    ...(customerId === '' ? ['CustomerID is missing'] : []),
    ...(typeof amount === 'string' ? [`TotalPrice ${amount}`] : []),
  ];
  if (problems.length > 0 || typeof amount === 'string') return { kind: 'bad', reason: problems.join('; ') };
  const { minorUnits, isRounded } = amount;
  return {
    kind: 'order',
    order: {
      orderId,
      customerId,
      lines: [{ sku: ASSORTED.sku, quantity: 1 }],
      total: { currency: CURRENCY, minorUnits },
      ...customerDetails(customerId),
    },
    notice: isRounded ? `TotalPrice '${totalPrice}' was rounded to ${formatAmount(minorUnits)}` : undefined,
  };
}

/** Without its goods, a cancellation does not tell which order it takes back. */
const orderIdProblems = (invoiceNo: string): string[] =>
  isCancellation(invoiceNo)
    ? [`InvoiceNo '${invoiceNo}' is a cancellation, not an order`]
    : invoiceNoProblems(invoiceNo);
