import type { InboxClaim } from '../../../lib/consumer/index.ts';
import { INBOX_TABLE } from '../../../lib/definitions/index.ts';
import { createInMemoryInbox } from '../../../lib/testing/in-memory-inbox.ts';
import { createInMemoryTables } from '../../../lib/testing/index.ts';
import { createTestClock } from '../../fixtures/event-maker.ts';
import { describeInbox } from './inbox.ts';

describeInbox('in memory', async () => {
  const clock = createTestClock();
  const tables = createInMemoryTables({ inbox: INBOX_TABLE });
  const commitTelling =
    (isTold: boolean) =>
    async ({ completion }: InboxClaim) => {
      const refused = tables.firstRefused([completion.write]);
      if (refused !== undefined) throw completion.refused(isTold ? refused.item : undefined);
      tables.apply([completion.write]);
    };
  return {
    inboxOf: (claim) => createInMemoryInbox({ clock, tables, tableName: 'inbox', consumer: 'billing', claim }),
    advance: clock.advance,
    now: clock.now,
    commit: commitTelling(true),
    commitUntold: commitTelling(false),
  };
});
