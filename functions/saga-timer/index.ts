import { createProducerRuntime } from '../../lib/runtime/producer-runtime.ts';
import { createTuning } from '../../lib/runtime/tuned-settings.ts';
import { createSagaTimerHandler } from './handler.ts';

const { outbox, logger, metrics } = createProducerRuntime(process.env);

export const handler = createSagaTimerHandler({
  outbox,
  tuning: createTuning(process.env, { logger, metrics }, (tuning) => tuning),
  logger,
});
