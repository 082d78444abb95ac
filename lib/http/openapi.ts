import { type core, toJSONSchema } from 'zod/mini';
import { type AnySchema, type ApiDefinition, clientLimitOf, isRead, type Route } from '../definitions/index.ts';
import { describeThrown } from '../shared/thrown.ts';
import { PROBLEMS, type ProblemCode } from './problem.ts';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [member: string]: JsonValue | undefined };

export type JsonObject = { readonly [member: string]: JsonValue | undefined };

export interface OpenApiOptions {
  /** Issuer of access tokens, for clients that find it by themselves. @default - a bearer token of any issuer */
  readonly issuer?: string | undefined;
  /** Where the API answers. @default - none */
  readonly serverUrl?: string | undefined;
}

/**
 * Describes APIs that answer at one address in OpenAPI 3.1. The same definitions give the same text.
 * @throws TypeError for a schema that has no JSON Schema, naming the route and the part
 * @see https://spec.openapis.org/oas/v3.1.1
 */
export function openApiOf(
  apis: readonly [ApiDefinition, ...ApiDefinition[]],
  options: OpenApiOptions = {},
): JsonObject {
  const [{ title, version }] = apis;
  const routes = apis.flatMap((api) => api.routes.map((route) => ({ api, route })));
  const paths: Record<string, Record<string, JsonValue>> = {};
  for (const { api, route } of routes.toSorted((a, b) => compare(a.route.path, b.route.path))) {
    const path = route.path.replace(/\+\}$/, '}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(api, route) };
  }
  const { issuer, serverUrl } = options;
  return {
    openapi: '3.1.1',
    info: { title, version },
    ...(serverUrl === undefined ? {} : { servers: [{ url: serverUrl }] }),
    tags: apis.map((api) => ({ name: api.name, description: api.title })),
    paths,
    components: {
      securitySchemes: {
        accessToken:
          issuer === undefined
            ? { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }
            : {
                type: 'openIdConnect',
                openIdConnectUrl: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
              },
      },
      schemas: { Problem: PROBLEM_SCHEMA, GatewayMessage: GATEWAY_MESSAGE_SCHEMA },
    },
  };
}

/** The text of a description, as it is committed. */
export const openApiText = (...given: Parameters<typeof openApiOf>): string =>
  `${JSON.stringify(openApiOf(...given), null, 2)}\n`;

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** @see https://www.rfc-editor.org/rfc/rfc9457 */
const PROBLEM_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'What programs decide by' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          pointer: { type: 'string', description: 'JSON pointer into params, query, headers or body' },
          detail: { type: 'string' },
        },
        required: ['pointer', 'detail'],
      },
    },
    correlationId: { type: 'string' },
  },
  required: ['type', 'title', 'status', 'code', 'correlationId'],
};

/** What API Gateway answers by itself, before a function runs. */
const GATEWAY_MESSAGE_SCHEMA: JsonObject = {
  type: 'object',
  properties: { message: { type: 'string' } },
  required: ['message'],
};

function operationOf(api: ApiDefinition, route: Route): JsonObject {
  const { key, summary, scopes, body } = route;
  const parameters = [...paramsOf(route), ...queryOf(route), ...headersOf(route)];
  return {
    operationId: operationIdOf(route),
    ...(summary === undefined ? {} : { summary }),
    tags: [api.name],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: bodyContent(route, schemaOf(body, `${key}: body`)) } }),
    responses: responsesOf(api, route),
    // one of the scopes is enough: each is an alternative of its own
    security: scopes === 'public' ? [] : scopes.map((scope) => ({ accessToken: [scope] })),
  };
}

/** `getOrdersByOrderId` of `GET /orders/{orderId}` */
const operationIdOf = ({ method, path }: Route): string =>
  path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => segment.replace(/^\{(.*?)\+?\}$/, 'by-$1'))
    .flatMap((segment) => segment.split(/[^A-Za-z0-9]+/))
    .reduce((id, word) => `${id}${word.charAt(0).toUpperCase()}${word.slice(1)}`, method.toLowerCase());

const bodyContent = ({ form = false }: Route, schema: JsonObject): JsonObject => ({
  ...jsonContent(schema),
  ...(form ? { 'application/x-www-form-urlencoded': { schema } } : {}),
});

const jsonContent = (schema: JsonValue): JsonObject => ({ 'application/json': { schema } });

function paramsOf(route: Route): readonly JsonObject[] {
  const schema = route.params === undefined ? {} : schemaOf(route.params, `${route.key}: params`);
  const properties = membersOf(schema, 'properties');
  return route.parameters.map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: properties[name] ?? { type: 'string', minLength: 1 },
  }));
}

function queryOf({ query, key }: Route): readonly JsonObject[] {
  if (query === undefined) return [];
  const schema = schemaOf(query, `${key}: query`);
  const { required } = schema;
  return Object.entries(membersOf(schema, 'properties')).map(([name, each]) => ({
    name,
    in: 'query',
    required: Array.isArray(required) && required.includes(name),
    schema: each,
  }));
}

function headersOf(route: Route): readonly JsonObject[] {
  const header = (name: string, required: boolean, description: string) => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  });
  return [
    ...(route.idempotent === true
      ? [header('Idempotency-Key', true, 'A new UUID per command, the same one when it is repeated')]
      : []),
    ...(route.ifMatch === 'required' ? [header('If-Match', true, 'The ETag of the version that is changed')] : []),
  ];
}

function responsesOf(api: ApiDefinition, route: Route): JsonObject {
  const answers = Object.entries(route.answers).map(([status, { description, schema }]) => [
    status,
    {
      description,
      ...(schema === undefined ? {} : { content: jsonContent(schemaOf(schema, `${route.key}: answer ${status}`)) }),
    },
  ]);
  const byStatus = new Map<number, string[]>();
  for (const [code, status] of problemsOf(api, route)) byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  const byGateway = route.scopes === 'public' ? [429] : [401, 403, 429];
  for (const status of byGateway) byStatus.set(status, byStatus.get(status) ?? []);
  const problems = [...byStatus].map(([status, codes]) => {
    const isGateways = byGateway.includes(status);
    return [
      String(status),
      {
        description: [...codes, ...(isGateways ? [GATEWAY_REFUSALS[status]] : [])].join(', '),
        content: {
          ...(codes.length === 0
            ? {}
            : { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }),
          ...(isGateways ? jsonContent({ $ref: '#/components/schemas/GatewayMessage' }) : {}),
        },
      },
    ];
  });
  return Object.fromEntries([...answers, ...problems]);
}

/** Of API Gateway, whose body has a message and no code. */
const GATEWAY_REFUSALS: Readonly<Record<number, string>> = {
  401: 'no valid access token',
  403: 'no scope of this operation',
  429: 'too many requests of all clients',
};

/** Codes and statuses that the route can answer with. */
function problemsOf(api: ApiDefinition, route: Route): readonly (readonly [code: string, status: number])[] {
  const { scopes, params, query, body, idempotent = false, ifMatch, parameters } = route;
  const hasInput = params !== undefined || query !== undefined || body !== undefined || parameters.length > 0;
  const codes: readonly (ProblemCode | false)[] = [
    hasInput && 'REQUEST_INVALID',
    body !== undefined && 'BODY_INVALID',
    idempotent && 'IDEMPOTENCY_KEY_MISSING',
    idempotent && 'IDEMPOTENCY_KEY_INVALID',
    query !== undefined && 'PAGE_TOKEN_INVALID',
    scopes !== 'public' && 'TOKEN_MISSING',
    scopes !== 'public' && api.principal === 'carried' && 'TOKEN_SUBJECT_INVALID',
    scopes !== 'public' && 'SCOPE_MISSING',
    scopes !== 'public' && 'TENANT_MISSING',
    scopes !== 'public' && 'TENANT_INACTIVE',
    !isRead(route) && 'CONFLICT',
    idempotent && 'IDEMPOTENCY_KEY_IN_FLIGHT',
    ifMatch !== undefined && 'PRECONDITION_FAILED',
    body !== undefined && 'BODY_TOO_LARGE',
    body !== undefined && 'CONTENT_TYPE_UNSUPPORTED',
    idempotent && 'IDEMPOTENCY_KEY_REUSED',
    ifMatch !== undefined && 'PRECONDITION_REQUIRED',
    clientLimitOf(api, route) !== undefined && 'RATE_LIMITED',
    'INTERNAL_ERROR',
    'UNAVAILABLE',
    'DEADLINE_EXCEEDED',
  ];
  return [
    ...Object.entries(route.problems ?? {}).map(([code, { status }]) => [code, status] as const),
    ...codes.filter((code) => code !== false).map((code) => [code, PROBLEMS[code].status] as const),
  ];
}

const membersOf = (schema: JsonObject, name: string): JsonObject => {
  const members = schema[name];
  return typeof members === 'object' && members !== null && !Array.isArray(members) ? (members as JsonObject) : {};
};

interface WithJsonSchema {
  readonly jsonSchema?: { input(options: { readonly target: 'draft-2020-12' }): Record<string, unknown> };
}

/** Of what is sent, in either direction: the schema's input. */
function schemaOf(schema: AnySchema, where: string): JsonObject {
  try {
    const { $schema: _, '~standard': __, ...content }: Record<string, unknown> = convert(schema);
    return JSON.parse(JSON.stringify(content));
  } catch (cause) {
    throw new TypeError(`the schema of ${where} has no JSON Schema: ${describeThrown(cause).message}`, { cause });
  }
}

function convert(schema: AnySchema): Record<string, unknown> {
  const { jsonSchema, vendor }: AnySchema['~standard'] & WithJsonSchema = schema['~standard'];
  if (jsonSchema !== undefined) return jsonSchema.input({ target: 'draft-2020-12' });
  // zod's small build leaves the standard's form out
  if (isZod(schema)) return { ...toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }) };
  throw new TypeError(`'${vendor}' must implement '~standard.jsonSchema' of Standard Schema`);
}

const isZod = (schema: AnySchema): schema is AnySchema & core.$ZodType =>
  schema['~standard'].vendor === 'zod' && '_zod' in schema;
