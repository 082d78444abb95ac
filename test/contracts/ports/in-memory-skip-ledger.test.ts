import { CURSORS_TABLE, INBOX_TABLE } from '../../../lib/definitions/index.ts';
import { createInMemoryCursorStore } from '../../../lib/testing/in-memory-cursor-store.ts';
import { createInMemorySkipLedger } from '../../../lib/testing/in-memory-skip-ledger.ts';
import { createInMemoryWaitingGroups } from '../../../lib/testing/in-memory-waiting-groups.ts';
import { createInMemoryTables } from '../../../lib/testing/index.ts';
import { describeSkips } from './skip-ledger.ts';

describeSkips('in memory', async () => {
  const tables = createInMemoryTables({ inbox: INBOX_TABLE, cursors: CURSORS_TABLE });
  const stored = { tables, tableName: 'cursors', consumer: 'billing' };
  return {
    skips: createInMemorySkipLedger({ ...stored, tableName: 'inbox' }),
    cursors: createInMemoryCursorStore(stored),
    waiting: createInMemoryWaitingGroups(stored),
    close: async () => undefined,
  };
});
