import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { hasCode } from 'waybill';
import type { Outbox } from 'waybill/outbox';
import type { Tenancy, TenantTable } from 'waybill/tenancy';
import { CommandIdTakenError, readCommand } from '../command.ts';
import { type GoodsReceipt, goodsReceiptSchema } from '../inventory/goods-receipt.ts';
import { addPieces, type StockItem } from '../inventory/stock.ts';

export interface ReceiveStockDeps {
  readonly receipts: TenantTable<GoodsReceipt>;
  readonly stock: TenantTable<StockItem>;
  /** Commits both together. */
  readonly outbox: Pick<Outbox, 'transact'>;
  readonly tenancy: Pick<Tenancy, 'runAsTenant'>;
  readonly logger: Logger;
}

export interface ReceiveStockResult {
  readonly receiptId: string;
  /** `already-received`: the same receipt came before; nothing was added again. */
  readonly outcome: 'received' | 'already-received';
}

/**
 * Takes goods in: the receipt and the stock in one transaction. The receipt's id makes the command idempotent; other goods
 * under the id of a receipt are refused: `RECEIVE_STOCK_ID_TAKEN`.
 */
export const createReceiveStock =
  ({ receipts, stock, outbox, tenancy, logger }: ReceiveStockDeps) =>
  async (command: unknown, context: Context): Promise<ReceiveStockResult> => {
    logger.addContext(context);
    const { tenantId, content: receipt } = readCommand('receive-stock', goodsReceiptSchema, command);
    const { receiptId, sku, quantity } = receipt;
    try {
      await tenancy.runAsTenant(tenantId, () =>
        outbox.transact((tx) => {
          receipts.within(tx).put({ Item: receipt, ConditionExpression: 'attribute_not_exists(receiptId)' });
          addPieces(stock.within(tx), sku, quantity);
        }),
      );
    } catch (error) {
      if (!hasCode(error, 'OUTBOX_CONDITION_FAILED')) throw error;
      const before = await tenancy.runAsTenant(tenantId, () => receipts.get({ receiptId }));
      if (
        before !== undefined &&
        !isDeepStrictEqual(receipt, { receiptId, sku: before.sku, quantity: before.quantity })
      ) {
        throw new CommandIdTakenError('receive-stock', receiptId);
      }
      logger.info('stock was received before', { receipt_id: receiptId, tenant_id: tenantId });
      return { receiptId, outcome: 'already-received' };
    }
    logger.info('stock received', { receipt_id: receiptId, sku, quantity, tenant_id: tenantId });
    return { receiptId, outcome: 'received' };
  };
