import {
  type CloudEvent,
  newestOf,
  ownMember,
  type SagaDefinition,
  type SagaVersions,
  sagaTimerDue,
  versionsOf,
} from '../definitions/index.ts';
import { jsonProblems } from '../shared/json-values.ts';
import { violationsOf } from '../shared/schema-issues.ts';
import type { TenantTableReader } from '../tenancy/index.ts';
import { SagaDataError } from './errors.ts';
import { type AppliedMigration, migrateSaga } from './saga-migration.ts';
import { type SagaItem, type SagaRecord, STATE_ITEM } from './saga-record.ts';

export interface LoadedSaga {
  readonly definition: SagaDefinition;
  /** Undefined if the instance does not exist. */
  readonly record: SagaRecord | undefined;
  readonly migration: AppliedMigration | undefined;
}

/**
 * Reads an instance and migrates it if its version is no longer registered. Returns undefined if the instance has ended
 * and its version is no longer registered: nothing can change it.
 * @throws SagaVersionUnknownError `SAGA_VERSION_UNKNOWN`
 * @throws SagaMigrationError `SAGA_MIGRATION_INVALID`
 * @throws SagaDataError `SAGA_DATA_INVALID` if the schema changed but the version did not
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
  const { definition, record: migrated, migration } = migrateSaga(saga, record);
  const data = await validateSagaData(definition, sagaId, migrated.data);
  return { definition, record: { ...migrated, data }, migration };
}

function isRetired(saga: SagaVersions, { status, version }: SagaRecord, { type }: Pick<CloudEvent, 'type'>): boolean {
  if (versionsOf(saga).some((definition) => definition.version === version)) return false;
  // a late success may still have to be compensated
  return status === 'completed' || (status === 'compensated' && type === sagaTimerDue(newestOf(saga).name).type);
}

/** @throws SagaDataError `SAGA_DATA_INVALID` listing every violated path */
async function validateSagaData(
  { name, version, schema, correlateBy }: SagaDefinition,
  sagaId: string,
  data: unknown,
): Promise<unknown> {
  const result = await schema['~standard'].validate(data);
  if (result.issues !== undefined) throw new SagaDataError(name, sagaId, version, violationsOf(result.issues, data));
  const named = ownMember<unknown>(Object(result.value), correlateBy);
  if (named === sagaId) return result.value;
  throw new SagaDataError(name, sagaId, version, [
    { path: correlateBy, message: `must stay '${sagaId}', the id of the saga, got ${JSON.stringify(named)}` },
  ]);
}

/**
 * Converts the data to the JSON that is stored, and validates it as it will be read. Dates become strings, which the
 * schema must accept. Refuses other values that JSON would change or drop.
 * @throws SagaDataError `SAGA_DATA_INVALID`, also if JSON cannot represent a value
 */
export async function storedSagaData(definition: SagaDefinition, sagaId: string, data: unknown): Promise<unknown> {
  const asJson = (value: unknown): unknown => {
    const problems = jsonProblems(value, 'as text');
    if (problems.length === 0) return JSON.parse(JSON.stringify(value) ?? 'null');
    const { name, version } = definition;
    throw new SagaDataError(name, sagaId, version, problems);
  };
  return asJson(await validateSagaData(definition, sagaId, asJson(data)));
}
