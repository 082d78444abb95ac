import { createOutboundConsumer } from 'waybill/runtime';
import { stockParts } from '../stock-sync/stock-parts.ts';
import { stockSync, stockToSupplier } from '../stock-sync/sync.ts';

export const handler = createOutboundConsumer(stockSync, stockToSupplier, stockParts);
