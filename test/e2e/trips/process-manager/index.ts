import { createSagaConsumer } from '../../../../lib/runtime/saga-consumer.ts';
import { trips } from '../saga.ts';

export const handler = createSagaConsumer(trips, process.env);
