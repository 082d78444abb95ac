import { api, requireEnv } from 'waybill/runtime';
import { goodsReceiptSchema } from '../inventory/goods-receipt.ts';
import { stockItemSchema } from '../inventory/stock.ts';
import { RECEIPTS_TABLE, RECEIPTS_TABLE_NAME, STOCK_TABLE, STOCK_TABLE_NAME } from '../inventory/table.ts';
import { createStockApiHandlers } from './handler.ts';
import { stockApi } from './routes.ts';

const env = requireEnv(process.env, RECEIPTS_TABLE_NAME, STOCK_TABLE_NAME);

export const handler = api(stockApi, ({ table }) =>
  createStockApiHandlers({
    receipts: table(RECEIPTS_TABLE, env[RECEIPTS_TABLE_NAME], (item) => goodsReceiptSchema.parse(item)),
    stock: table(STOCK_TABLE, env[STOCK_TABLE_NAME], (item) => stockItemSchema.parse(item)),
  }),
);
