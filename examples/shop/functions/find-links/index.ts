import { createLinkFinder, LINKS_TABLE, LINKS_TABLE_NAME, parseLinkItem } from 'waybill/links';
import { createReaderRuntime, requireEnv } from 'waybill/runtime';
import { createFindLinks } from './handler.ts';

const { [LINKS_TABLE_NAME]: tableName } = requireEnv(process.env, LINKS_TABLE_NAME);
const { table, tenancy, logger } = createReaderRuntime();
const links = createLinkFinder({ table: table(LINKS_TABLE, tableName, parseLinkItem) });

export const handler = createFindLinks({ links, tenancy, logger });
