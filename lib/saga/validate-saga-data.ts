import type { SagaDefinition } from '../contracts/index.ts';
import { type SchemaViolation, violationsOf } from '../shared/schema-issues.ts';
import { thrownText } from '../shared/thrown.ts';
import { SagaDataError } from './errors.ts';

/** @throws SagaDataError `SAGA_DATA_INVALID` naming every violated path */
export async function validateSagaData(
  { name, version, schema, correlateBy }: SagaDefinition,
  sagaId: string,
  data: unknown,
): Promise<unknown> {
  const result = await schema['~standard'].validate(data);
  if (result.issues !== undefined)
    throw new SagaDataError(name, sagaId, version, violationsOf(result.issues, data).map(describe));
  const named = Object.entries(Object(result.value)).find(([member]) => member === correlateBy)?.[1];
  if (named === sagaId) return result.value;
  throw new SagaDataError(name, sagaId, version, [
    `${correlateBy}: must stay '${sagaId}', which names the saga, got ${JSON.stringify(named)}`,
  ]);
}

/**
 * The data as the table is to hold them: what is validated is what will be read.
 * @throws SagaDataError `SAGA_DATA_INVALID`, also for what JSON cannot hold
 */
export async function storedSagaData(definition: SagaDefinition, sagaId: string, data: unknown): Promise<unknown> {
  const asJson = (value: unknown): unknown => {
    try {
      return JSON.parse(JSON.stringify(value));
    } catch (error) {
      const { name, version } = definition;
      throw new SagaDataError(name, sagaId, version, [`cannot be written as JSON: ${thrownText(error)}`]);
    }
  };
  return asJson(await validateSagaData(definition, sagaId, asJson(data)));
}

const describe = ({ message, path }: SchemaViolation): string => (path === '' ? message : `${path}: ${message}`);
