import { createSagaConsumer } from 'waybill/runtime';
import { orderFulfilment } from './saga.ts';

export const handler = createSagaConsumer(orderFulfilment);
