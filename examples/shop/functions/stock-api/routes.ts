import { defineApi, defineRoute } from 'waybill';
import { goodsReceiptSchema } from '../inventory/goods-receipt.ts';
import { SCOPE } from '../scopes.ts';
import * as z from '../zod.ts';

const receiveStock = defineRoute({
  key: 'PUT /receipts/{receiptId}',
  summary: 'Takes goods in',
  scopes: [SCOPE.writeStock],
  body: z.omit(goodsReceiptSchema, { receiptId: true }),
  answers: {
    201: { description: 'The goods are in stock', schema: goodsReceiptSchema },
    200: { description: 'The same receipt came before', schema: goodsReceiptSchema },
  },
  problems: { RECEIVE_STOCK_ID_TAKEN: { status: 409, title: 'There is another receipt with this id' } },
  throttle: { rateLimit: 500, burstLimit: 1000 },
});

/** What the warehouse does with stock. */
export const stockApi = defineApi({ name: 'stock-api', title: 'Tea shop', version: '1.0.0', routes: [receiveStock] });
