import {
  type CloudEvent,
  newestOf,
  type SagaDefinition,
  type SagaVersions,
  sagaTimerDue,
  versionsOf,
} from '../contracts/index.ts';
import type { TenantTableReader } from '../tenancy/index.ts';
import { type SagaItem, type SagaRecord, STATE_ITEM } from './saga-record.ts';
import { type SagaMigrated, settleVersion } from './settle-version.ts';
import { validateSagaData } from './validate-saga-data.ts';

export interface LoadedSaga {
  readonly definition: SagaDefinition;
  /** Undefined where there is no such instance. */
  readonly record: SagaRecord | undefined;
  readonly migration: SagaMigrated | undefined;
}

/**
 * Reads an instance, in the version that it goes on with; undefined where it is over, and its version is known no more:
 * nothing can change it.
 * @throws SagaVersionUnknownError `SAGA_VERSION_UNKNOWN`
 * @throws SagaMigrationError `SAGA_MIGRATION_INVALID`
 * @throws SagaDataError `SAGA_DATA_INVALID` where the schema was changed and the version was not
 */
export async function loadSaga(
  saga: SagaVersions,
  sagaId: string,
  event: Pick<CloudEvent, 'type'>,
  table: TenantTableReader<SagaItem>,
): Promise<LoadedSaga | undefined> {
  const item = await table.get({ sagaId, item: STATE_ITEM });
  if (item?.kind !== 'state') {
    return { definition: newestOf(saga), record: undefined, migration: undefined };
  }
  const { record } = item;
  if (isRetired(saga, record, event)) return undefined;
  const { definition, record: settled, migration } = settleVersion(saga, record);
  const data = await validateSagaData(definition, sagaId, settled.data);
  return { definition, record: { ...settled, data }, migration };
}

function isRetired(saga: SagaVersions, { status, version }: SagaRecord, { type }: Pick<CloudEvent, 'type'>): boolean {
  if (versionsOf(saga).some((definition) => definition.version === version)) return false;
  // a success that comes after all may have to be compensated yet
  return status === 'completed' || (status === 'compensated' && type === sagaTimerDue(newestOf(saga).name).type);
}
