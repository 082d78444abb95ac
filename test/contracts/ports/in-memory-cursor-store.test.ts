import { CURSORS_TABLE } from '../../../lib/definitions/index.ts';
import { createInMemoryCursorStore } from '../../../lib/testing/in-memory-cursor-store.ts';
import { createInMemoryTables } from '../../../lib/testing/index.ts';
import { describeCursorStore } from './cursor-store.ts';

describeCursorStore('in memory', async () => {
  const tables = createInMemoryTables({ cursors: CURSORS_TABLE });
  const storeOf = (consumer: string) => createInMemoryCursorStore({ tables, tableName: 'cursors', consumer });
  return {
    billing: storeOf('billing'),
    shipping: storeOf('shipping'),
    transact: async (writes) => {
      if (tables.firstRefused(writes) !== undefined) return false;
      tables.apply(writes);
      return true;
    },
    waiting: async () =>
      tables
        .items('cursors')
        .filter((item) => item['waitingShard']?.S?.startsWith('billing#') && item['waitingSince'] !== undefined)
        .map((item) => item['group']?.S ?? ''),
  };
});
