import { ORDER_ID_PATTERN } from '../../functions/order-group.ts';

/** In the data, an invoice whose number begins with C takes back what an earlier one sold. */
export const isCancellation = (invoiceNo: string): boolean => /^C/i.test(invoiceNo);

/** @returns why it cannot be an order id; none when it can */
export function invoiceNoProblems(invoiceNo: string): string[] {
  if (invoiceNo === '') return ['InvoiceNo is missing'];
  if (ORDER_ID_PATTERN.test(invoiceNo)) return [];
  return [`InvoiceNo '${invoiceNo}' has other characters than letters, digits, '.', '_' and '-', or more than 64`];
}
