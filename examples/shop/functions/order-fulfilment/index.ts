import { createSagaConsumer } from '../../../../lib/runtime/saga-consumer.ts';
import { orderFulfilment } from './saga.ts';

export const handler = createSagaConsumer(orderFulfilment, process.env);
