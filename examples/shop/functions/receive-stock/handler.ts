import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { Outbox } from 'waybill/outbox';
import type { Tenancy } from 'waybill/tenancy';
import { readCommand } from '../command.ts';
import { goodsReceiptSchema } from '../inventory/goods-receipt.ts';
import { transactAgain } from '../transact-again.ts';
import { type ReceiptDeps, type Reception, receiveStock } from './receive-stock.ts';

export interface ReceiveStockDeps extends ReceiptDeps {
  /** Commits both together. */
  readonly outbox: Pick<Outbox, 'transact'>;
  readonly tenancy: Pick<Tenancy, 'runAsTenant'>;
  readonly logger: Logger;
}

export interface ReceiveStockResult {
  readonly receiptId: string;
  readonly outcome: Reception;
}

/** Takes goods in: the receipt, the stock and the event of it in one transaction. */
export const createReceiveStock =
  ({ outbox, tenancy, logger, ...deps }: ReceiveStockDeps) =>
  async (command: unknown, context: Context): Promise<ReceiveStockResult> => {
    logger.addContext(context);
    const { tenantId, content: receipt } = readCommand('receive-stock', goodsReceiptSchema, command);
    const { receiptId, sku, quantity } = receipt;
    const outcome = await tenancy.runAsTenant(tenantId, () =>
      transactAgain(outbox, (tx) => receiveStock(tx, receipt, deps)),
    );
    if (outcome === 'received')
      logger.info('stock received', { receipt_id: receiptId, sku, quantity, tenant_id: tenantId });
    else logger.info('stock was received before', { receipt_id: receiptId, tenant_id: tenantId });
    return { receiptId, outcome };
  };
