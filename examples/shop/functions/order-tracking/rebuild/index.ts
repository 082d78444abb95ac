import { createRebuilder } from 'waybill/runtime';
import { orderTracking } from '../projection.ts';

export const handler = createRebuilder(orderTracking);
