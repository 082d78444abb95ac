import { createInMemoryTableStore } from '../../../lib/testing/in-memory-table-store.ts';
import { createInMemoryTables } from '../../../lib/testing/index.ts';
import { describeTableStore, VISITS_TABLE } from './table-store.ts';

describeTableStore('in memory', async () => createInMemoryTableStore(createInMemoryTables({ visits: VISITS_TABLE })));
