import { createSyncConsumer } from 'waybill/runtime';
import { stockParts } from './stock-parts.ts';
import { stockSync } from './sync.ts';

export const handler = createSyncConsumer(stockSync, stockParts);
