import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { EventDataOf, EventDefinition } from '../contracts/index.ts';
import { jsonProblems } from '../shared/json-values.ts';
import { violationsOf } from '../shared/schema-issues.ts';
import { EventDataError } from './errors.ts';

/**
 * What the definition's schema makes of `data`; a promise only where the schema itself is asynchronous.
 * @throws EventDataError `EVENT_DATA_INVALID` naming every violated path
 */
export function validateData<Definition extends EventDefinition>(
  definition: Definition,
  data: unknown,
): EventDataOf<Definition> | Promise<EventDataOf<Definition>> {
  const result = definition.schema['~standard'].validate(data);
  return result instanceof Promise
    ? result.then((settled) => outputOf(definition, settled, data))
    : outputOf(definition, result, data);
}

function outputOf(definition: EventDefinition, result: StandardSchemaV1.Result<unknown>, data: unknown) {
  if (result.issues === undefined) return result.value;
  throw new EventDataError(definition.type, definition.version, violationsOf(result.issues, data));
}

/**
 * The value as the wire will carry it: what is validated is what consumers will read.
 * @throws EventDataError `EVENT_DATA_INVALID` for values that JSON cannot hold
 */
export function toWireForm({ type, version }: EventDefinition, data: unknown): unknown {
  const problems = data === undefined ? [{ path: '', message: 'is missing: pass the data' }] : jsonProblems(data);
  if (problems.length > 0) throw new EventDataError(type, version, problems);
  return JSON.parse(JSON.stringify(data));
}
