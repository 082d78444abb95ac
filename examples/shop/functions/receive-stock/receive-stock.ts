import { isDeepStrictEqual } from 'node:util';
import type { UnitOfWork } from 'waybill/outbox';
import type { TenantTable } from 'waybill/tenancy';
import { CommandIdTakenError } from '../command.ts';
import { StockReceived } from '../inventory/events.ts';
import type { GoodsReceipt } from '../inventory/goods-receipt.ts';
import { addPieces, type StockItem } from '../inventory/stock.ts';

export interface ReceiptDeps {
  readonly receipts: TenantTable<GoodsReceipt>;
  readonly stock: TenantTable<StockItem>;
}

/** `already-received`: the same receipt came before; nothing is added again. */
export type Reception = 'received' | 'already-received';

/**
 * Collects a receipt and its goods. The receipt's id makes it idempotent; other goods under the id of a receipt are
 * refused: `RECEIVE_STOCK_ID_TAKEN`. If the same receipt commits first, the commit fails with `OUTBOX_CONDITION_FAILED`:
 * run it again.
 */
export async function receiveStock(
  tx: UnitOfWork,
  receipt: GoodsReceipt,
  { receipts, stock }: ReceiptDeps,
): Promise<Reception> {
  const { receiptId, sku, quantity } = receipt;
  const before = await receipts.get({ receiptId });
  if (before !== undefined) {
    if (isDeepStrictEqual(receipt, { receiptId, sku: before.sku, quantity: before.quantity }))
      return 'already-received';
    throw new CommandIdTakenError('receive-stock', receiptId);
  }
  receipts.within(tx).put({ Item: receipt, ConditionExpression: 'attribute_not_exists(receiptId)' });
  addPieces(stock.within(tx), sku, quantity);
  tx.publish(StockReceived, { receiptId, sku, quantity });
  return 'received';
}
