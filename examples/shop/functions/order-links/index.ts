import { LINKS_TABLE, LINKS_TABLE_NAME, parseLinkItem } from 'waybill/links';
import { consumer, requireEnv } from 'waybill/runtime';
import { createOrderLinksHandlers } from './handler.ts';
import { orderLinks } from './subscription.ts';

const { [LINKS_TABLE_NAME]: tableName } = requireEnv(process.env, LINKS_TABLE_NAME);

export const handler = consumer(orderLinks, (runtime) => {
  const table = runtime.table(LINKS_TABLE, tableName, parseLinkItem);

  return createOrderLinksHandlers({ table, outbox: runtime.outbox });
});
