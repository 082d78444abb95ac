import { LINKS_TABLE, parseLinkItem } from '../../../lib/links/index.ts';
import { createTenancy, createTenantTable } from '../../../lib/tenancy/index.ts';
import { createInMemoryTableStore } from '../../../lib/testing/in-memory-table-store.ts';
import { createTestOutbox } from '../../fixtures/outbox.ts';
import { describeLinks, LINKS_START } from './links.ts';

describeLinks('in memory', async () => {
  const { outbox, tables, clock } = createTestOutbox({ links: LINKS_TABLE });
  clock.advance(LINKS_START - clock.now());
  const tenancy = createTenancy({ mode: 'required', audit: { crossTenantWork: () => undefined } });
  const store = createInMemoryTableStore(tables);
  return {
    outbox,
    clock,
    tenancy,
    table: createTenantTable({ store, outbox, tenancy, tableName: 'links', schema: LINKS_TABLE, parse: parseLinkItem }),
  };
});
