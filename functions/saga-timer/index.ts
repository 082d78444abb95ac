import { createProducerRuntime } from '../composition/producer-runtime.ts';
import { createSagaTimerHandler } from './handler.ts';

const { outbox, logger } = createProducerRuntime(process.env);

export const handler = createSagaTimerHandler({ outbox, logger });
