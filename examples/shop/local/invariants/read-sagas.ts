import { SAGAS_TABLE } from '../../../../lib/definitions/index.ts';
import { parseSagaItem, type SagaRecord } from '../../../../lib/saga/index.ts';
import type { Owned, ReadOwned } from './owned-items.ts';

/** Every instance as its table has it. */
export async function readSagas(read: ReadOwned, tableName: string): Promise<Owned<SagaRecord>[]> {
  const items = await read({ tableName, schema: SAGAS_TABLE, parse: parseSagaItem });
  return items.flatMap(({ tenantId, item }) => (item.kind === 'state' ? [{ tenantId, item: item.record }] : []));
}
