import type { StandardSchemaV1 } from '@standard-schema/spec';
import {
  type CloudEvent,
  type EventDataOf,
  type EventDefinition,
  GROUP_MAX_LENGTH,
  isTenantId,
  readGroup,
  versionOfDataSchema,
} from '../definitions/index.ts';
import { jsonProblems } from '../shared/json-values.ts';
import { violationsOf } from '../shared/schema-issues.ts';
import { thrownText } from '../shared/thrown.ts';
import { EventDataError, EventMalformedError, type Violation } from './errors.ts';

/**
 * Parses a serialized event: strict on the attributes that Waybill uses, tolerant of all others. `data` is not
 * validated.
 * @throws EventMalformedError `EVENT_MALFORMED` naming every invalid attribute
 */
export function parseEvent(body: string): CloudEvent {
  const value = parseJson(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new EventMalformedError([{ path: '', message: `expected a JSON object, got ${kindOf(value)}` }]);
  }
  const members = withoutAbsent(value as Record<string, unknown>);
  const violations = [...attributeViolations(members)];
  if (!Object.hasOwn(members, 'data')) violations.push({ path: 'data', message: 'expected a value, got nothing' });
  if (violations.length > 0) throw new EventMalformedError(violations);
  const event: unknown = members;
  return event as CloudEvent;
}

/**
 * In CloudEvents' JSON format, a null attribute counts as absent. Earlier releases also published empty attributes:
 * optional ones count as absent, and an event without a correlation id becomes the start of its own.
 */
function withoutAbsent(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { correlationid, id } = members;
  const present = Object.entries(members).filter(
    ([name, value]) => name === 'data' || (value !== null && !(value === '' && MAY_BE_ABSENT.has(name))),
  );
  return Object.fromEntries([...present, ...(correlationid === '' ? [['correlationid', id]] : [])]);
}

const MAY_BE_ABSENT: ReadonlySet<string> = new Set(['subject', 'tracestate', 'causationid', 'tenantid']);

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // neither the text nor the parser's error, which quotes it: it may contain personal data
    throw new EventMalformedError([
      { path: '', message: `expected JSON, got a text of ${body.length} characters that is not` },
    ]);
  }
}

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
};

/** The event as a handler gets it: `data` is the schema's output. */
export type EventOf<Definition extends EventDefinition> = CloudEvent<EventDataOf<Definition>, Definition['type']>;

/**
 * Converts the event's data to the definition's version and validates it. Data of a later version is validated as it
 * is, because it may still match this schema.
 * @throws EventDataError `EVENT_DATA_INVALID` naming every invalid path, a missing upcaster or an unreadable version
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

/**
 * Validates `data` with the definition's schema. Returns a promise only if the schema is asynchronous.
 * @throws EventDataError `EVENT_DATA_INVALID` naming every invalid path
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
 * The value as it is serialized, so that consumers read exactly what was validated.
 * @throws EventDataError `EVENT_DATA_INVALID` for values that JSON cannot represent
 */
export function toWireForm({ type, version }: EventDefinition, data: unknown): unknown {
  const problems = data === undefined ? [{ path: '', message: 'is missing: pass the data' }] : jsonProblems(data);
  if (problems.length > 0) throw new EventDataError(type, version, problems);
  return JSON.parse(JSON.stringify(data));
}

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string' && value.length > 0;
const textOrAbsent: Check = (value) => value === undefined || text(value);

/**
 * The rules for each attribute that Waybill uses, when an event is published and when it is received. Marked as pure,
 * so that bundles that do not use it omit it.
 */
const ATTRIBUTES = /* @__PURE__ */ ((): readonly [name: string, check: Check, expected: string][] => [
  ['specversion', (value) => value === '1.0', "'1.0'"],
  ['id', text, 'a non-empty string'],
  ['source', text, 'a non-empty string'],
  ['type', text, 'a non-empty string'],
  ['time', (value) => text(value) && !Number.isNaN(Date.parse(String(value))), 'an RFC 3339 timestamp'],
  ['datacontenttype', (value) => value === undefined || value === 'application/json', "'application/json'"],
  ['dataschema', text, 'a non-empty string'],
  [
    'partitionkey',
    (value) => text(value) && String(value).length <= GROUP_MAX_LENGTH,
    `1 to ${GROUP_MAX_LENGTH} characters`,
  ],
  [
    'sequence',
    (value) => text(value) && /^\d+$/.test(String(value)) && Number(value) >= 1,
    'a whole number from 1 in digits',
  ],
  ['correlationid', text, 'a non-empty string'],
  ['causationid', textOrAbsent, 'a non-empty string or nothing'],
  ['traceparent', text, 'a non-empty string'],
  ['tracestate', textOrAbsent, 'a non-empty string or nothing'],
  ['tenantid', (value) => value === undefined || isTenantId(value), 'a tenant id or nothing'],
  ['subject', textOrAbsent, 'a non-empty string or nothing'],
  ['hops', (value) => Number.isSafeInteger(value) && Number(value) >= 0, 'a whole number from 0'],
])();

/** The violations of an event's attributes; empty if every consumer can accept it. */
export function attributeViolations(members: Readonly<Record<string, unknown>>): readonly Violation[] {
  const violations = ATTRIBUTES.filter(([name, check]) => !check(members[name])).map(([name, , expected]) => ({
    path: name,
    message: `expected ${expected}, got ${describe(members[name])}`,
  }));
  return [...violations, ...tenantViolations(members)];
}

/** A group belongs to a tenant. An event that contradicts this was not written by the outbox. */
function tenantViolations({ tenantid, partitionkey }: Readonly<Record<string, unknown>>): readonly Violation[] {
  if (typeof partitionkey !== 'string') return [];
  const parts = readGroup(partitionkey);
  if (parts !== undefined && parts.tenantId === tenantid) return [];
  const expected = tenantid === undefined ? 'no group of a tenant' : `a group of ${describe(tenantid)}`;
  return [{ path: 'partitionkey', message: `expected ${expected}, as 'tenantid' says, got ${describe(partitionkey)}` }];
}

const LONGEST_QUOTE = 80;

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  const quoted = typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value));
  return quoted.length <= LONGEST_QUOTE ? quoted : `${quoted.slice(0, LONGEST_QUOTE)}…`;
}
