import { createProducerRuntime, requireEnv } from 'waybill/runtime';
import { goodsReceiptSchema } from '../inventory/goods-receipt.ts';
import { stockItemSchema } from '../inventory/stock.ts';
import { RECEIPTS_TABLE, RECEIPTS_TABLE_NAME, STOCK_TABLE, STOCK_TABLE_NAME } from '../inventory/table.ts';
import { createReceiveStock } from './handler.ts';

const env = requireEnv(process.env, RECEIPTS_TABLE_NAME, STOCK_TABLE_NAME);
const { outbox, tenancy, table, logger } = createProducerRuntime();
const receipts = table(RECEIPTS_TABLE, env[RECEIPTS_TABLE_NAME], (item) => goodsReceiptSchema.parse(item));
const stock = table(STOCK_TABLE, env[STOCK_TABLE_NAME], (item) => stockItemSchema.parse(item));

export const handler = createReceiveStock({ receipts, stock, outbox, tenancy, logger });
