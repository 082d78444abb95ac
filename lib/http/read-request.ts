import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type AnySchema, type Route, shown } from '../definitions/index.ts';
import { violationsOf } from '../shared/schema-issues.ts';
import type { ApiEvent } from './principal.ts';
import { type ProblemPointer, problem } from './problem.ts';

/** The validated parts of a request. */
export interface RequestParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** The body as it came; undefined without one. */
export const bodyBytesOf = ({ body, isBase64Encoded }: ApiEvent): Buffer | undefined =>
  body === undefined ? undefined : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');

/**
 * Validates parameters, query and body. All that is wrong is told at once.
 * @throws ProblemError `BODY_TOO_LARGE`, `CONTENT_TYPE_UNSUPPORTED`, `BODY_INVALID` or `REQUEST_INVALID`
 */
export async function readRequest(
  route: Route,
  event: ApiEvent,
  headers: Readonly<Record<string, string>>,
  bytes: Buffer | undefined,
): Promise<RequestParts> {
  const json = readBody(route, headers, bytes);
  const rawParams = event.pathParameters ?? {};
  const [params, query, body] = [
    await readParams(route, rawParams),
    route.query === undefined ? valid(undefined) : await readQuery(route.query, event.rawQueryString),
    route.body === undefined ? valid(undefined) : await readPart('body', route.body, json),
  ];
  const errors = [...params.errors, ...query.errors, ...body.errors];
  if (errors.length > 0) throw problem('REQUEST_INVALID', { errors: errors.slice(0, MOST_ERRORS) });
  return { params: params.value, query: query.value, body: body.value };
}

/** A hostile body can be wrong in thousands of places. */
const MOST_ERRORS = 50;

interface Part {
  readonly value: unknown;
  readonly errors: readonly ProblemPointer[];
}

const valid = (value: unknown): Part => ({ value, errors: [] });

async function readParams(route: Route, raw: Readonly<Record<string, string | undefined>>): Promise<Part> {
  const given = Object.fromEntries(route.parameters.map((name) => [name, raw[name] ?? '']));
  const unfit = Object.entries(given).filter(([, value]) => value === '' || !value.isWellFormed());
  if (unfit.length > 0) {
    return {
      value: given,
      errors: unfit.map(([name]) => ({
        pointer: pointerOf('params', [name]),
        detail: 'must be a text that is not empty',
      })),
    };
  }
  return route.params === undefined ? valid(given) : readPart('params', route.params, given);
}

/**
 * A name that is repeated has a list. A name that stands once has its text, unless the schema refuses a text and takes a
 * list of one.
 */
async function readQuery(schema: AnySchema, rawQuery: string): Promise<Part> {
  const given = fieldsOf(rawQuery);
  const first = await schema['~standard'].validate(given);
  if (first.issues === undefined) return valid(first.value);
  const wrong = namesIn(first.issues, given);
  const wrapped = withLists(given, wrong);
  const second = await schema['~standard'].validate(wrapped);
  if (second.issues === undefined) return valid(second.value);
  const still = namesIn(second.issues, wrapped);
  return readPart(
    'query',
    schema,
    withLists(
      given,
      wrong.filter((name) => !still.includes(name)),
    ),
  );
}

/** By name; a name that is repeated has a list. `__proto__` is a name as any other. */
function fieldsOf(text: string): Readonly<Record<string, string | readonly string[]>> {
  const given: Record<string, string | readonly string[]> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = Object.hasOwn(given, name) ? given[name] : undefined;
    Object.defineProperty(given, name, {
      value: before === undefined ? value : [before, value].flat(),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return given;
}

/** The members of which an issue says that they are wrong as a whole. */
const namesIn = (issues: readonly StandardSchemaV1.Issue[], given: Readonly<Record<string, unknown>>) =>
  issues.flatMap(({ path = [] }) => {
    const [name, ...inner] = path.map(keyOf);
    return typeof name === 'string' && inner.length === 0 && Object.hasOwn(given, name) ? [name] : [];
  });

const withLists = (given: Readonly<Record<string, string | readonly string[]>>, names: readonly string[]) =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, names.includes(name) ? [value].flat() : value]),
  );

async function readPart(part: string, schema: AnySchema, value: unknown): Promise<Part> {
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return valid(result.value);
  const errors = result.issues.map((issue) => ({
    pointer: pointerOf(part, (issue.path ?? []).map(keyOf)),
    detail: violationsOf([issue], value)[0]?.message ?? 'is not valid',
  }));
  return { value, errors };
}

const keyOf = (segment: PropertyKey | StandardSchemaV1.PathSegment): PropertyKey =>
  typeof segment === 'object' ? segment.key : segment;

/** @see https://www.rfc-editor.org/rfc/rfc6901 */
const pointerOf = (part: string, keys: readonly PropertyKey[]): string =>
  [
    '#',
    part,
    ...keys.map((key) => encodeURIComponent(String(key).replaceAll('~', '~0').replaceAll('/', '~1').toWellFormed())),
  ].join('/');

const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

const JSON_TYPE = /^application\/(?:json|[!#$&^_.+a-z0-9-]+\+json)\s*(?:;|$)/i;

function readBody(route: Route, headers: Readonly<Record<string, string>>, bytes: Buffer | undefined): unknown {
  if (bytes !== undefined && bytes.length > route.maxBodyBytes) {
    throw problem('BODY_TOO_LARGE', { detail: `it has ${bytes.length} bytes, allowed are ${route.maxBodyBytes}` });
  }
  if (route.body === undefined) return undefined;
  if (bytes === undefined || bytes.length === 0) {
    throw problem('REQUEST_INVALID', { errors: [{ pointer: '#/body', detail: 'is missing' }] });
  }
  const type = headers['content-type'];
  const isForm = route.form === true && type !== undefined && FORM_TYPE.test(type);
  if (!isForm && (type === undefined || !JSON_TYPE.test(type))) {
    const allowed = route.form === true ? 'application/json or application/x-www-form-urlencoded' : 'application/json';
    throw problem('CONTENT_TYPE_UNSUPPORTED', { detail: `send content-type ${allowed}, got ${shown(type)}` });
  }
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw problem('CONTENT_TYPE_UNSUPPORTED', { detail: `send no content-encoding, got ${shown(encoding)}` });
  }
  const value = isForm ? fieldsOf(textOf(bytes)) : parseJson(bytes);
  assertStorable(value);
  return value;
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw problem('BODY_INVALID', { cause });
  }
}

function parseJson(bytes: Buffer): unknown {
  const text = textOf(bytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw problem('BODY_INVALID', { cause });
  }
}

/** DynamoDB nests 32 levels, and an event's envelope needs some of its own. */
const DEEPEST = 24;

/** Refuses what no store takes: texts with half a surrogate pair, and endless nesting. Not recursive, for the same reason. */
function assertStorable(root: unknown): void {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) throw problem('BODY_INVALID', { detail: `it is nested deeper than ${DEEPEST} levels` });
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === 'string' && !value.isWellFormed()) throw badText();
      if (typeof value !== 'object' || value === null) continue;
      if (Object.keys(value).some((name) => !name.isWellFormed())) throw badText();
      for (const member of Object.values(value)) next.push(member);
    }
    level = next;
  }
}

const badText = () => problem('BODY_INVALID', { detail: 'a text has half a surrogate pair' });
