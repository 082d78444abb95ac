import { ownMember, type SagaDefinition } from '../contracts/index.ts';
import { jsonProblems } from '../shared/json-values.ts';
import { violationsOf } from '../shared/schema-issues.ts';
import { SagaDataError } from './errors.ts';

/** @throws SagaDataError `SAGA_DATA_INVALID` naming every violated path */
export async function validateSagaData(
  { name, version, schema, correlateBy }: SagaDefinition,
  sagaId: string,
  data: unknown,
): Promise<unknown> {
  const result = await schema['~standard'].validate(data);
  if (result.issues !== undefined) throw new SagaDataError(name, sagaId, version, violationsOf(result.issues, data));
  const named = ownMember<unknown>(Object(result.value), correlateBy);
  if (named === sagaId) return result.value;
  throw new SagaDataError(name, sagaId, version, [
    { path: correlateBy, message: `must stay '${sagaId}', which names the saga, got ${JSON.stringify(named)}` },
  ]);
}

/**
 * The data as the table is to hold them: what is validated is what will be read. A date becomes its text, which the
 * schema has to take; everything else that JSON would change or drop is refused.
 * @throws SagaDataError `SAGA_DATA_INVALID`, also for what JSON cannot hold
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
