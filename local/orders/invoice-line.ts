import { parse } from 'csv-parse/sync';
import { ORDER_ID_PATTERN } from '../../functions/shop/order-group.ts';
import { CURRENCY, formatAmount, readAmount } from './amount.ts';
import type { OrderCommand } from './order-command.ts';

export const INVOICE_COLUMNS = ['InvoiceNo', 'InvoiceDate', 'CustomerID', 'TotalPrice'] as const;

export type InvoiceLine =
  | { readonly kind: 'order'; readonly order: OrderCommand; readonly notice: string | undefined }
  | { readonly kind: 'bad'; readonly reason: string };

/** Reads one line of invoices into the order that it stands for. */
export function readInvoiceLine(line: string): InvoiceLine {
  const fields = splitFields(line);
  if (typeof fields === 'string') return { kind: 'bad', reason: fields };
  if (fields.length !== INVOICE_COLUMNS.length) {
    return { kind: 'bad', reason: `${INVOICE_COLUMNS.length} fields are needed, got ${fields.length}` };
  }
  const [orderId = '', , customerId = '', totalPrice = ''] = fields;
  const amount = readAmount(totalPrice);
  const problems = [
    ...invoiceProblems(orderId),
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
      lines: [{ sku: 'ASSORTED', quantity: 1 }],
      total: { currency: CURRENCY, minorUnits },
    },
    notice: isRounded ? `TotalPrice '${totalPrice}' was rounded to ${formatAmount(minorUnits)}` : undefined,
  };
}

/** @returns the reason, when the line cannot be split */
export function splitFields(line: string): readonly string[] | string {
  try {
    const [fields = []]: string[][] = parse(line, { relax_column_count: true, trim: true });
    return fields;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // the parser counts lines from here
    return `it is no CSV: ${reason.replace(/ at line 1.*$/, '')}`;
  }
}

function invoiceProblems(invoiceNo: string): string[] {
  if (invoiceNo === '') return ['InvoiceNo is missing'];
  if (/^C/i.test(invoiceNo)) return [`InvoiceNo '${invoiceNo}' is a cancellation, not an order`];
  if (ORDER_ID_PATTERN.test(invoiceNo)) return [];
  return [`InvoiceNo '${invoiceNo}' has other characters than letters, digits, '.', '_' and '-', or more than 64`];
}
