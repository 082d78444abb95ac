import type { CsvLine } from './csv-file.ts';
import type { LineReport } from './csv-report.ts';
import { ASSORTED, readInvoiceLine } from './invoice-line.ts';
import { type OrderPlan, type OrderStep, stockForAll } from './order-plan.ts';

/** An order of each line, up to `most`; no line after that is judged. */
export async function planInvoices(
  lines: AsyncIterable<CsvLine>,
  most: number,
  report: LineReport,
): Promise<OrderPlan> {
  const steps: OrderStep[] = [];
  for await (const { number, fields } of lines) {
    const line = typeof fields === 'string' ? { kind: 'bad' as const, reason: fields } : readInvoiceLine(fields);
    if (line.kind === 'bad') {
      report.onBadLine(number, line.reason);
      continue;
    }
    if (line.notice !== undefined) report.onNotice(number, line.notice);
    steps.push({ kind: 'place', order: line.order });
    if (steps.length >= most) break;
  }
  return { steps, products: [ASSORTED], stock: stockForAll(steps) };
}
