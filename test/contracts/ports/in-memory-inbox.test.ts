import { createInMemoryInbox } from '../../../lib/inbox/index.ts';
import { createTestClock } from '../../fixtures/event-maker.ts';
import { describeInbox } from './inbox.ts';

describeInbox('in memory', async () => {
  const clock = createTestClock();
  return { inbox: createInMemoryInbox(clock), advance: clock.advance };
});
