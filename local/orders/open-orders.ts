import type { RunOptions } from '../cli/options.ts';
import { createRandom } from '../seeded-random.ts';
import { type CsvReport, openCsvOrders } from './csv-orders.ts';
import { generateOrders } from './generate-orders.ts';
import type { OrderCommand } from './order-command.ts';

export interface OrderSource {
  readonly orders: AsyncIterable<OrderCommand>;
  /** Undefined when only the end of the input tells. */
  readonly total: number | undefined;
  close(): Promise<void>;
}

/**
 * The orders that a run places.
 * @throws UsageError `LOCAL_USAGE` when the input cannot be read or has another header
 */
export async function openOrders(
  { orders: most, seed, inputFile }: Pick<RunOptions, 'orders' | 'seed' | 'inputFile'>,
  report: CsvReport,
): Promise<OrderSource> {
  if (inputFile !== undefined) {
    const file = await openCsvOrders(inputFile, report);
    return { orders: limit(file.orders, most), total: undefined, close: file.close };
  }
  const total = most ?? 0;
  return { orders: limit(generateOrders(total, createRandom(seed)), total), total, close: async () => {} };
}

async function* limit(
  orders: Iterable<OrderCommand> | AsyncIterable<OrderCommand>,
  most: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<OrderCommand> {
  let taken = 0;
  for await (const order of orders) {
    yield order;
    if (++taken >= most) return;
  }
}
