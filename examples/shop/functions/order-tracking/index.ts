import { createProjectionConsumer } from 'waybill/runtime';
import { orderTracking } from './projection.ts';

export const handler = createProjectionConsumer(orderTracking);
