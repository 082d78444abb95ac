import type { Page, TenantTableReader } from '../tenancy/index.ts';
import { listSagas } from './list-sagas.ts';
import type { SagaStatus } from './machine/saga-state.ts';
import {
  HISTORY_PREFIX,
  type SagaHistoryEntry,
  type SagaItem,
  type SagaListing,
  type SagaRecord,
  STATE_ITEM,
} from './saga-record.ts';

export interface SagaPageOptions {
  /** From 1 to 1000. @default 100 */
  readonly limit?: number;
  /** `next` of the page before. @default - the first page */
  readonly after?: string;
}

/** What became of the instances of a saga, of the tenant at work. */
export interface SagaReader {
  /** Undefined where there is no such instance. Strongly consistent. */
  status(sagaId: string): Promise<SagaRecord | undefined>;
  /**
   * The instances in one status, longest-running first. May lag behind by a moment. `next` is good for the same status,
   * also after instances have changed and after a deployment.
   * @throws SagaListError `SAGA_LIST_INVALID` for what is no status, no limit or no page
   */
  list(status: SagaStatus, page?: SagaPageOptions): Promise<Page<SagaListing>>;
  /** The transitions of an instance, first to last. Strongly consistent. */
  history(sagaId: string, page?: SagaPageOptions): Promise<Page<SagaHistoryEntry>>;
}

export const createSagaReader = (table: TenantTableReader<SagaItem>): SagaReader => ({
  async status(sagaId) {
    const item = await table.get({ sagaId, item: STATE_ITEM });
    return item?.kind === 'state' ? item.record : undefined;
  },

  list: (status, page = {}) => listSagas(table, status, page),

  async history(sagaId, page = {}) {
    const { items, next } = await table.query({ ...page, partition: sagaId, sortBeginsWith: HISTORY_PREFIX });
    return { items: items.flatMap((item) => (item.kind === 'history' ? [item.entry] : [])), next };
  },
});
