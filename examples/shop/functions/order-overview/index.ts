import { createProjectionConsumer } from 'waybill/runtime';
import { orderOverview } from './projection.ts';

export const handler = createProjectionConsumer(orderOverview);
