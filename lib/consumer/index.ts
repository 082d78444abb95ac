export { createConsumer } from './consumer.ts';
export {
  ConsumerHandlersError,
  ConsumerWiringError,
  EventTypeUnknownError,
  HandlerDeadlineError,
  PermanentError,
} from './errors.ts';
export {
  type EventHandler,
  type HandlerContext,
  type Handlers,
  handlersFor,
  type SubscriptionHandlers,
} from './handlers-for.ts';
export type { DeadLetter } from './message-failures.ts';
export type { ConsumerOptions, StrictOrdering } from './workbench.ts';
