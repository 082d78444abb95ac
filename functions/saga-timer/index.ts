import { Logger } from '@aws-lambda-powertools/logger';
import { createProducerRuntime } from '../composition/producer-runtime.ts';
import { createSagaTimerHandler } from './handler.ts';

const { outbox } = createProducerRuntime(process.env);

export const handler = createSagaTimerHandler({ outbox, logger: new Logger() });
