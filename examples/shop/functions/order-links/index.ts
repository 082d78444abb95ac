import { createConsumer } from 'waybill/consumer';
import { LINKS_TABLE, LINKS_TABLE_NAME, parseLinkItem } from 'waybill/links';
import { createConsumerRuntime, requireEnv } from 'waybill/runtime';
import { createOrderLinksHandlers } from './handler.ts';
import { orderLinks } from './subscription.ts';

const { [LINKS_TABLE_NAME]: tableName } = requireEnv(process.env, LINKS_TABLE_NAME);
const runtime = createConsumerRuntime(orderLinks, process.env);
const table = runtime.table(LINKS_TABLE, tableName, parseLinkItem);

export const handler = createConsumer(createOrderLinksHandlers({ table, outbox: runtime.outbox }), runtime);
