import { createRebuilder } from 'waybill/runtime';
import { revenueByDay } from '../projection.ts';

export const handler = createRebuilder(revenueByDay);
