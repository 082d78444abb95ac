import { INBOX_TABLE } from '../../../lib/definitions/index.ts';
import { createInMemoryInbox } from '../../../lib/testing/in-memory-inbox.ts';
import { createInMemoryTables } from '../../../lib/testing/index.ts';
import { createTestClock } from '../../fixtures/event-maker.ts';
import { describeInbox } from './inbox.ts';

describeInbox('in memory', async () => {
  const clock = createTestClock();
  const tables = createInMemoryTables({ inbox: INBOX_TABLE });
  return {
    inbox: createInMemoryInbox({ clock, tables, tableName: 'inbox', consumer: 'billing' }),
    advance: clock.advance,
    now: clock.now,
    commit: async ({ completion }) => {
      if (tables.firstRefused([completion.write]) !== undefined) throw completion.refused(undefined);
      tables.apply([completion.write]);
    },
  };
});
