export { createConsumer } from './consumer.ts';
export { ConsumerWiringError, EventTypeUnknownError, HandlerDeadlineError, PermanentError } from './errors.ts';
export {
  type EventHandler,
  type HandlerContext,
  type Handlers,
  handlersFor,
  type SubscriptionHandlers,
} from './handlers-for.ts';
export type { DeadLetter } from './message-failures.ts';
export type { ConsumerOptions, StrictOrdering } from './workbench.ts';
