import { createProjectionConsumer } from 'waybill/runtime';
import { revenueByDay } from './projection.ts';

export const handler = createProjectionConsumer(revenueByDay);
