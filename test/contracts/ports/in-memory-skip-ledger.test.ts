import { CURSORS_TABLE, INBOX_TABLE } from '../../../lib/contracts/index.ts';
import { createInMemorySkipLedger } from '../../../lib/operations/index.ts';
import { createInMemoryCursorStore, createInMemoryWaitingGroups } from '../../../lib/ordering/index.ts';
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
