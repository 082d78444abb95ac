import { createConsumer } from '../../../../lib/consumer/index.ts';
import { LINKS_TABLE, LINKS_TABLE_NAME, parseLinkItem } from '../../../../lib/links/index.ts';
import { createConsumerRuntime } from '../../../../lib/runtime/consumer-runtime.ts';
import { requireEnv } from '../../../../lib/shared/require-env.ts';
import { createOrderLinksHandlers } from './handler.ts';
import { orderLinks } from './subscription.ts';

const { [LINKS_TABLE_NAME]: tableName } = requireEnv(process.env, LINKS_TABLE_NAME);
const runtime = createConsumerRuntime(orderLinks, process.env);
const table = runtime.table(LINKS_TABLE, tableName, parseLinkItem);

export const handler = createConsumer(createOrderLinksHandlers({ table, outbox: runtime.outbox }), runtime);
