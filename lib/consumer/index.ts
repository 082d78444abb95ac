export { type ConsumerOptions, createConsumer } from './consumer.ts';
export { EventTypeUnknownError, HandlerDeadlineError } from './errors.ts';
export {
  type EventHandler,
  type HandlerContext,
  type Handlers,
  handlersFor,
  type SubscriptionHandlers,
} from './handlers-for.ts';
