import { type FileHandle, open } from 'node:fs/promises';
import { UsageError } from '../cli/usage-error.ts';
import { INVOICE_COLUMNS, readInvoiceLine, splitFields } from './invoice-line.ts';
import type { OrderCommand } from './order-command.ts';

export interface CsvReport {
  /** A line that is no order and is skipped. */
  onBadLine(file: string, line: number, reason: string): void;
  /** An order that is not quite what its line says. */
  onNotice(file: string, line: number, notice: string): void;
}

export interface CsvOrders {
  /** Read from the file as they are asked for, one line each. */
  readonly orders: AsyncIterable<OrderCommand>;
  close(): Promise<void>;
}

/**
 * Opens a file of invoices and checks its header.
 * @throws UsageError `LOCAL_USAGE`: no such file, or another header
 */
export async function openCsvOrders(file: string, report: CsvReport): Promise<CsvOrders> {
  const handle = await openFile(file);
  try {
    const lines = handle.readLines({ encoding: 'utf8' })[Symbol.asyncIterator]();
    const first = await lines.next();
    checkHeader(file, first.done === true ? '' : first.value);
    return { orders: readOrders(lines, file, report), close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error instanceof UsageError ? error : unreadable(file, error);
  }
}

async function* readOrders(
  lines: AsyncIterator<string>,
  file: string,
  report: CsvReport,
): AsyncGenerator<OrderCommand> {
  for (let number = 2; ; number++) {
    const { value: text, done } = await lines.next();
    if (done === true) return;
    if (text.trim() === '') continue;
    const line = readInvoiceLine(text);
    if (line.kind === 'bad') {
      report.onBadLine(file, number, line.reason);
      continue;
    }
    if (line.notice !== undefined) report.onNotice(file, number, line.notice);
    yield line.order;
  }
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

const unreadable = (file: string, error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  return new UsageError(`--input '${file}' cannot be read: ${reason}`, { cause: error });
};

function checkHeader(file: string, line: string): void {
  const wanted = INVOICE_COLUMNS.join(',');
  const header = line.replace(/^\uFEFF/, '');
  const columns = splitFields(header);
  if (typeof columns !== 'string' && columns.join(',') === wanted) return;
  throw new UsageError(`--input '${file}' must begin with the line '${wanted}', got '${header.slice(0, 80)}'`);
}
