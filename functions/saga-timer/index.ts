import { createProducerRuntime } from '../../lib/runtime/producer-runtime.ts';
import { createSagaTimerHandler } from './handler.ts';

const { outbox, logger } = createProducerRuntime(process.env);

export const handler = createSagaTimerHandler({ outbox, logger });
