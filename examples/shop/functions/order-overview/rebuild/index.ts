import { createRebuilder } from 'waybill/runtime';
import { orderOverview } from '../projection.ts';

export const handler = createRebuilder(orderOverview);
