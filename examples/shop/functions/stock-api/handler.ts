import type { ApiHandlers } from 'waybill/http';
import { type ReceiptDeps, receiveStock } from '../receive-stock/receive-stock.ts';
import type { stockApi } from './routes.ts';

export const createStockApiHandlers = (deps: ReceiptDeps): ApiHandlers<typeof stockApi> => ({
  async 'PUT /receipts/{receiptId}'({ params: { receiptId }, body }, { tx, log }) {
    const receipt = { receiptId, ...body };
    const outcome = await receiveStock(tx, receipt, deps);
    log.info(`stock ${outcome}`, { receipt_id: receiptId, sku: receipt.sku, quantity: receipt.quantity });
    return { status: outcome === 'received' ? 201 : 200, body: receipt };
  },
});
