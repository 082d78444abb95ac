import { UsageError } from '../../../../local/start/usage-error.ts';
import type { RunOptions } from '../cli/options.ts';
import { openCsvFile } from './csv-file.ts';
import { type CsvReport, reportOf } from './csv-report.ts';
import { generateOrders } from './generate-orders.ts';
import { INVOICE_COLUMNS } from './invoice-line.ts';
import { ORDER_LINE_COLUMNS } from './order-line.ts';
import type { OrderPlan } from './order-plan.ts';
import { planInvoices } from './plan-invoices.ts';
import { planOrderLines } from './plan-order-lines.ts';

const FORMS = { invoices: INVOICE_COLUMNS, 'order-lines': ORDER_LINE_COLUMNS };
const PLAN = { invoices: planInvoices, 'order-lines': planOrderLines };

/**
 * What the customers of a run do.
 * @throws UsageError `LOCAL_USAGE` when the input cannot be read, has another header, or holds no order
 */
export async function openOrders(
  { orders: most, seed, inputFile }: Pick<RunOptions, 'orders' | 'seed' | 'inputFile'>,
  report: CsvReport,
): Promise<OrderPlan> {
  if (inputFile === undefined) return generateOrders(most ?? 0, seed);
  await using file = await openCsvFile(inputFile, FORMS);
  const plan = await PLAN[file.form](file.lines, most ?? Number.POSITIVE_INFINITY, reportOf(report, inputFile));
  if (plan.steps.some(({ kind }) => kind === 'place')) return plan;
  throw new UsageError(
    `--input '${inputFile}' holds no order that can be placed: add a line with all of ${FORMS[file.form].join(',')}, or leave --input out to generate orders`,
  );
}
