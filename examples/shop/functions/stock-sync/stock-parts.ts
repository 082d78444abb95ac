import { type ConsumerRuntime, requireEnv } from 'waybill/runtime';
import { stockItemSchema } from '../inventory/stock.ts';
import { STOCK_TABLE, STOCK_TABLE_NAME } from '../inventory/table.ts';
import { createSupplierBClient } from '../product-sync/supplier-b-client.ts';
import { SUPPLIER_B } from '../product-sync/supplier-tokens.ts';
import { createStockSink } from './stock-sink.ts';
import { createSupplierStock, createSupplierStockWriter } from './supplier-stock.ts';

/** What reads supplier B's list of the shop's stock, and writes it. */
export function stockParts(runtime: ConsumerRuntime) {
  const env = requireEnv(process.env, STOCK_TABLE_NAME, 'SUPPLIER_B_URL');
  const client = createSupplierBClient(runtime, env['SUPPLIER_B_URL']);
  const stock = runtime.table(STOCK_TABLE, env[STOCK_TABLE_NAME], (item) => stockItemSchema.parse(item));
  return {
    sources: { [SUPPLIER_B]: createSupplierStock(client) },
    sink: createStockSink(stock),
    writer: createSupplierStockWriter(client),
  };
}
