import { CURRENCY } from './amount.ts';
import type { CsvLine } from './csv-file.ts';
import type { LineReport } from './csv-report.ts';
import { customerDetails } from './customer-details.ts';
import { isCancellation } from './invoice-no.ts';
import type { OrderCommand } from './order-command.ts';
import { type OrderLine, readOrderLine, type SoldLine } from './order-line.ts';
import { type OrderPlan, type OrderStep, type Product, stockForAll } from './order-plan.ts';

/** The lines of one invoice, wherever they stand. */
interface Invoice {
  readonly invoiceNo: string;
  readonly customerId: string;
  readonly firstLine: number;
  readonly lines: Exclude<OrderLine, { readonly kind: 'bad' }>[];
}

/**
 * An order of each invoice, up to `most`; an invoice whose number begins with C cancels the newest earlier order of its
 * customer that holds all of its goods.
 */
export async function planOrderLines(
  lines: AsyncIterable<CsvLine>,
  most: number,
  report: LineReport,
): Promise<OrderPlan> {
  const steps: OrderStep[] = [];
  const products = new Map<string, Product>();
  const byCustomer = new Map<string, OrderCommand[]>();

  for (const invoice of await readInvoices(lines, most, report)) {
    const { customerId } = invoice;
    const earlier = byCustomer.get(customerId) ?? [];
    if (isCancellation(invoice.invoiceNo)) {
      const cancelled = earlier.findLast((order) => holdsAll(order, invoice));
      if (cancelled === undefined) report.onNotice(invoice.firstLine, describeUnknown(invoice));
      else steps.push({ kind: 'cancel', orderId: cancelled.orderId });
      continue;
    }
    const sold = invoice.lines.filter((line) => line.kind === 'sold');
    for (const line of sold) products.set(line.sku, withPrice(products.get(line.sku), toProduct(line)));
    const order = toOrder(invoice, sold);
    earlier.push(order);
    byCustomer.set(customerId, earlier);
    steps.push({ kind: 'place', order });
  }
  return { steps, products: [...products.values()], stock: stockForAll(steps) };
}

/** In the order of their first lines; ends before the first order beyond `most`. */
async function readInvoices(lines: AsyncIterable<CsvLine>, most: number, report: LineReport): Promise<Invoice[]> {
  const invoices = new Map<string, Invoice>();
  let orders = 0;
  for await (const { number, fields } of lines) {
    const line: OrderLine = typeof fields === 'string' ? { kind: 'bad', reason: fields } : readOrderLine(fields);
    if (line.kind === 'bad') {
      report.onBadLine(number, line.reason);
      continue;
    }
    const { invoiceNo, customerId } = line;
    const known = invoices.get(invoiceNo);
    if (known !== undefined && known.customerId !== customerId) {
      report.onBadLine(number, `CustomerID '${customerId}' is not the invoice's, '${known.customerId}'`);
      continue;
    }
    if (known === undefined && line.kind === 'sold' && ++orders > most) break;
    if (line.kind === 'sold' && line.notice !== undefined) report.onNotice(number, line.notice);
    if (known === undefined) invoices.set(invoiceNo, { invoiceNo, customerId, firstLine: number, lines: [line] });
    else known.lines.push(line);
  }
  return [...invoices.values()];
}

function holdsAll({ lines }: OrderCommand, invoice: Invoice): boolean {
  const skus = new Set(lines.map(({ sku }) => sku));
  return invoice.lines.every(({ sku }) => skus.has(sku));
}

function describeUnknown({ invoiceNo, customerId, lines }: Invoice): string {
  const skus = [...new Set(lines.map(({ sku }) => sku))].join(', ');
  return `InvoiceNo '${invoiceNo}' cancels nothing known: customer ${customerId} has no earlier order that holds ${skus}`;
}

const toProduct = ({ sku, name, unitPriceMinorUnits }: SoldLine): Product => ({
  sku,
  name,
  price: { currency: CURRENCY, minorUnits: unitPriceMinorUnits },
});

/** What is sold at several prices has none in the catalog. */
const withPrice = (known: Product | undefined, { sku, name, price }: Product): Product =>
  known === undefined || known.price?.minorUnits === price?.minorUnits
    ? { sku, name: known?.name ?? name, price }
    : { ...known, price: null };

/** Lines of one SKU, which may differ in price, become one. */
function toOrder({ invoiceNo, customerId }: Invoice, sold: readonly SoldLine[]): OrderCommand {
  const bySku = Map.groupBy(sold, ({ sku }) => sku);
  return {
    orderId: invoiceNo,
    customerId,
    lines: [...bySku].map(([sku, own]) => ({ sku, quantity: own.reduce((sum, { quantity }) => sum + quantity, 0) })),
    total: {
      currency: CURRENCY,
      minorUnits: sold.reduce((sum, { quantity, unitPriceMinorUnits }) => sum + quantity * unitPriceMinorUnits, 0),
    },
    ...customerDetails(customerId),
  };
}
