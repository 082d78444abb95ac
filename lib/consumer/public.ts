/** Handling: what a consumer's handlers are given and may throw. */
export type { ConsumerOptions } from './batch.ts';
export { createConsumer } from './consumer.ts';
export { ConsumerHandlersError, HandlerDeadlineError, PermanentError } from './errors.ts';
export {
  type EventHandler,
  type HandlerContext,
  type HandlerReplay,
  type Handlers,
  handlersFor,
  type SubscriptionHandlers,
} from './handlers.ts';
export type { DeadLetter } from './redelivery.ts';
