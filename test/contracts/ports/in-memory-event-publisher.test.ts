import { createInMemoryEventPublisher } from '../../../lib/testing/in-memory-event-publisher.ts';
import { describeEventPublisher } from './event-publisher.ts';

describeEventPublisher('in memory', async () => {
  const publisher = createInMemoryEventPublisher();
  return { publisher, delivered: async () => publisher.accepted.map(({ detail }) => detail), close: async () => {} };
});
