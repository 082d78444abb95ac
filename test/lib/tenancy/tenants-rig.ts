import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { TableSchema, TenancyMode } from '../../../lib/definitions/index.ts';
import { createOutbox } from '../../../lib/outbox/index.ts';
import { createTenancy, createTenantTable } from '../../../lib/tenancy/index.ts';
import { createInMemoryOutboxStore } from '../../../lib/testing/in-memory-outbox-store.ts';
import { createInMemoryTableStore } from '../../../lib/testing/in-memory-table-store.ts';
import type { InMemoryTables } from '../../../lib/testing/in-memory-tables.ts';
import { createInMemoryTables } from '../../../lib/testing/index.ts';
import { createCountingIds, createTestClock } from '../../fixtures/event-maker.ts';
import { createRecordingAudit } from './recording-audit.ts';

/** Notes on orders; all notes of a customer by the index. */
export const NOTES_TABLE = {
  partitionKey: { name: 'orderId', type: 'S' },
  sortKey: { name: 'note', type: 'S' },
  indexes: [
    { name: 'byCustomer', partitionKey: { name: 'customer', type: 'S' }, sortKey: { name: 'orderId', type: 'S' } },
    { name: 'byMood', partitionKey: { name: 'mood', type: 'S' }, sortKey: { name: 'rank', type: 'N' } },
  ],
} as const satisfies TableSchema;

export type Note = Readonly<Record<string, unknown>>;

/** A table of notes that tenants share, over memory. */
export function createTenantsRig(mode: TenancyMode = 'required') {
  const audit = createRecordingAudit();
  const tenancy = createTenancy({ mode, audit });
  const tables: InMemoryTables = createInMemoryTables({ notes: NOTES_TABLE });
  const store = createInMemoryOutboxStore({ tables });
  const outbox = createOutbox({
    store,
    clock: createTestClock(),
    ids: createCountingIds(),
    sleep: async () => undefined,
    random: () => 0,
    retentionSeconds: 60,
    tenancy,
  });
  const notes = createTenantTable<Note>({
    store: createInMemoryTableStore(tables),
    outbox,
    tenancy,
    tableName: 'notes',
    schema: NOTES_TABLE,
    parse: (item) => item as Note,
  });
  return {
    ...tenancy,
    audit,
    tables,
    store,
    outbox,
    notes,
    /** Everything in the table, as it is stored. */
    stored: () => tables.items('notes').map((item) => unmarshall({ ...item })),
    /** Writes past every tenant. */
    smuggle: (item: Note) => tables.apply([{ Put: { TableName: 'notes', Item: marshall(item) } }]),
  };
}
