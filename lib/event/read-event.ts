import { type CloudEvent, type EventDataOf, type EventDefinition, versionOfDataSchema } from '../contracts/index.ts';
import { thrownText } from '../shared/thrown.ts';
import { EventDataError } from './errors.ts';
import { validateData } from './validate-data.ts';

/** The event as a handler gets it: `data` is the schema's output. */
export type EventOf<Definition extends EventDefinition> = CloudEvent<EventDataOf<Definition>, Definition['type']>;

/**
 * Brings the event's data to the definition's version and validates it. Data of a later version than the
 * definition's is read as it is: a later schema may well satisfy this one.
 * @throws EventDataError `EVENT_DATA_INVALID` naming every violated path, a missing upcaster or an unreadable version
 */
export async function readEvent<Definition extends EventDefinition>(
  definition: Definition,
  event: CloudEvent,
): Promise<EventOf<Definition>> {
  const written = versionOfDataSchema(event.dataschema, definition.type);
  if (written === undefined) {
    throw refusal(definition, 'dataschema', `names no version of '${definition.type}': got '${event.dataschema}'`);
  }
  let data = event.data;
  for (let version = written; version < definition.version; version++) {
    data = upcast(definition, version, data);
  }
  return { ...event, type: definition.type, data: await validateData(definition, data) };
}

function upcast(definition: EventDefinition, version: number, data: unknown): unknown {
  const upcaster = definition.upcasters[version];
  if (upcaster === undefined) {
    throw refusal(definition, '', `is of version ${version}: add an upcaster from it to the event's definition`);
  }
  try {
    return upcaster(data);
  } catch (cause) {
    throw refusal(definition, '', `the upcaster from version ${version} failed: ${thrownText(cause)}`, { cause });
  }
}

const refusal = (definition: EventDefinition, path: string, message: string, options?: ErrorOptions) =>
  new EventDataError(definition.type, definition.version, [{ path, message }], options);
