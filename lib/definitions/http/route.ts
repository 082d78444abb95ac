import type { StandardSchemaV1 } from '@standard-schema/spec';
import { shown } from '../shown.ts';
import { ContractError } from '../waybill-error.ts';
import { type ParameterOf, type RouteKeyParts, readRouteKey, routeKeyProblems } from './route-key.ts';

// biome-ignore lint/suspicious/noExplicitAny: any schema; inference reads the real one
export type AnySchema = StandardSchemaV1<any, any>;

/** One answer of a route with success. */
export interface RouteAnswer {
  readonly description: string;
  /** Of the JSON body, as it is sent. @default - no body */
  readonly schema?: AnySchema;
}

/** A refusal that a route can answer with, by its code. */
export interface RouteProblem {
  /** 400 to 499, or 503. */
  readonly status: number;
  /** For people, the same for every occurrence. */
  readonly title: string;
}

/** Requests of one client, counted together over all containers. */
export interface ClientLimit {
  /** 1 to 1000000. */
  readonly requests: number;
  /** 1 to 3600. */
  readonly seconds: number;
}

export interface RouteThrottle {
  /** Requests per second of all clients together in the long run. */
  readonly rateLimit: number;
  /** Requests of all clients at once. */
  readonly burstLimit: number;
}

export interface RouteProps {
  /** Method and path, as API Gateway writes them: `GET /orders/{orderId}`. */
  readonly key: string;
  /** In one line, for the API's description. @default - none */
  readonly summary?: string;
  /**
   * Scopes of which the caller's access token needs one, 1 to 10; or `public`, for a route that everybody may call.
   * Without scopes an ID token would pass as well.
   * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
   */
  readonly scopes: readonly string[] | 'public';
  /** Of the path's parameters, which are strings. @default - each parameter is a string that is not empty */
  readonly params?: AnySchema;
  /** Of the query. A value is a string; a list if its name is repeated, or if only a list passes. @default - ignored */
  readonly query?: AnySchema;
  /** Of the JSON body. @default - no body */
  readonly body?: AnySchema;
  /**
   * Whether the body may come as a form (application/x-www-form-urlencoded) as well, as OAuth 2.0 asks. A field is a
   * string; a list if its name is repeated. Any web page can send a form without asking first: let such a route need a
   * secret in the request, and no cookie.
   * @default false
   */
  readonly form?: boolean;
  /** What it answers with success, by status: 200 to 299. */
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** Its own refusals, by code. @default - those of every route */
  readonly problems?: Readonly<Record<string, RouteProblem>>;
  /**
   * Whether it takes the header Idempotency-Key: a request that is repeated with its key is answered as the first one,
   * and its work is done once. Not for GET and HEAD.
   * @default false
   * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/07/
   */
  readonly idempotent?: boolean;
  /** Whether it needs the header If-Match: 428 without. @default - If-Match is optional */
  readonly ifMatch?: 'required';
  /** Bytes of its body, 1 to 4194304; larger ones are refused with 413. @default 262144 */
  readonly maxBodyBytes?: number;
  /** @default - the API's */
  readonly throttle?: RouteThrottle;
  /** @default - the API's */
  readonly clientLimit?: ClientLimit;
}

/** A route: declared once, read by its handler, by the infrastructure and by the API's description. */
export type Route<Props extends RouteProps = RouteProps> = Props & RouteKeyParts & { readonly maxBodyBytes: number };

const DEFAULT_MAX_BODY_BYTES = 262_144;

/** Lambda takes 6 MB of JSON, in which a body may be base64. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MOST_BODY_BYTES = 4_194_304;

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MOST_SCOPES = 10;

const PROPS: readonly (keyof RouteProps)[] = [
  'key',
  'summary',
  'scopes',
  'params',
  'query',
  'body',
  'form',
  'answers',
  'problems',
  'idempotent',
  'ifMatch',
  'maxBodyBytes',
  'throttle',
  'clientLimit',
];

/**
 * Declares a route of an HTTP API.
 *
 * @example
 * export const placeOrder = defineRoute({
 *   key: 'POST /orders',
 *   scopes: ['orders:write'],
 *   body: z.object({ productId: z.string(), quantity: z.int() }),
 *   answers: { 202: { description: 'The order is accepted', schema: z.object({ orderId: z.string() }) } },
 *   problems: { PRODUCT_UNKNOWN: { status: 404, title: 'There is no such product' } },
 *   idempotent: true,
 * });
 *
 * @throws ContractError `CONTRACT_INVALID` listing all problems
 */
export function defineRoute<const Props extends RouteProps>(
  props: Props & Readonly<Record<Exclude<keyof Props, keyof RouteProps>, never>>,
): Route<Props> {
  const problems = [...routeKeyProblems(props.key), ...unknownProps(props)];
  if (problems.length > 0) throw new ContractError(`route ${shown(props.key)}`, problems);
  const parts = readRouteKey(props.key);
  const wrong = [...problemsOf(props, parts), ...clientLimitProblems('clientLimit', props.clientLimit)];
  if (wrong.length > 0) throw new ContractError(`route '${props.key}'`, wrong);
  return Object.freeze({ ...props, ...parts, maxBodyBytes: props.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES });
}

const unknownProps = (props: object): readonly string[] =>
  Object.keys(props)
    .filter((name) => !PROPS.some((known) => known === name))
    .map((name) => `it has no member '${name}': choose from ${PROPS.join(', ')}`);

function problemsOf(props: RouteProps, { method, parameters }: RouteKeyParts): readonly string[] {
  const { scopes, answers, problems = {}, idempotent = false, ifMatch, maxBodyBytes, throttle } = props;
  const isRead = method === 'GET' || method === 'HEAD';
  const found = [...scopeProblems(scopes), ...schemaProblems(props)];
  const statuses = Object.keys(answers ?? {}).map(Number);
  if (statuses.length === 0 || statuses.some((status) => !isWhole(status, 200, 299))) {
    found.push(`answers must have one status or more from 200 to 299, got ${statuses.join(', ') || 'none'}`);
  }
  if (answers?.[204]?.schema !== undefined) found.push('answers must have no schema for 204, which has no body');
  for (const [code, { status, title }] of Object.entries(problems)) {
    if (!/^[A-Z][A-Z0-9_]*$/.test(code)) {
      found.push(`problems must have codes such as 'ORDER_NOT_FOUND', got '${code}'`);
    }
    if (!(isWhole(status, 400, 499) || status === 503) || typeof title !== 'string' || title === '') {
      found.push(
        `problems.${code} must have a status from 400 to 499, or 503, and a title, got ${shown(status)} and ${shown(title)}`,
      );
    }
  }
  if (props.params !== undefined && parameters.length === 0) {
    found.push(`params must be left out, because '${props.key}' has no parameter`);
  }
  if (isRead && props.body !== undefined) found.push(`body must be left out for ${method}`);
  if (props.form !== undefined && typeof props.form !== 'boolean') {
    found.push(`form must be true, false or left out, got ${shown(props.form)}`);
  }
  if (props.form === true && props.body === undefined) found.push('form must be left out for a route without a body');
  if (isRead && idempotent) found.push(`idempotent must be left out for ${method}, which changes nothing`);
  if (isRead && ifMatch !== undefined) found.push(`ifMatch must be left out for ${method}`);
  if (ifMatch !== undefined && ifMatch !== 'required') {
    found.push(`ifMatch must be 'required' or left out, got ${shown(ifMatch)}`);
  }
  if (maxBodyBytes !== undefined && !isWhole(maxBodyBytes, 1, MOST_BODY_BYTES)) {
    found.push(`maxBodyBytes must be a whole number from 1 to ${MOST_BODY_BYTES}, got ${shown(maxBodyBytes)}`);
  }
  if (throttle !== undefined && !(throttle.rateLimit > 0 && isWhole(throttle.burstLimit, 1, 5000))) {
    found.push(
      `throttle must have a rateLimit above 0 and a burstLimit from 1 to 5000, got ${shown(throttle.rateLimit)} and ${shown(throttle.burstLimit)}`,
    );
  }
  return found;
}

function scopeProblems(scopes: RouteProps['scopes']): string[] {
  if (scopes === 'public') return [];
  if (!Array.isArray(scopes) || scopes.length === 0 || scopes.length > MOST_SCOPES) {
    return [
      `scopes must be 1 to ${MOST_SCOPES} scopes, or 'public' for a route without identity, got ${Array.isArray(scopes) ? scopes.length : shown(scopes)}`,
    ];
  }
  const wrong = scopes.filter((scope) => typeof scope !== 'string' || !/^[!#-[\]-~]{1,64}$/.test(scope));
  return wrong.length === 0
    ? []
    : [`scopes must be 1 to 64 visible characters without quotes and backslashes, got ${wrong.map(shown).join(', ')}`];
}

function schemaProblems({ params, query, body, answers }: RouteProps): readonly string[] {
  const schemas: Readonly<Record<string, AnySchema | undefined>> = {
    params,
    query,
    body,
    ...Object.fromEntries(
      Object.entries(answers ?? {}).map(([status, { schema }]) => [`answers.${status}.schema`, schema]),
    ),
  };
  return Object.entries(schemas)
    .filter(([, schema]) => schema !== undefined && typeof schema['~standard']?.validate !== 'function')
    .map(
      ([name]) =>
        `${name} must speak Standard Schema (a '~standard' member with 'validate'), as zod, valibot and arktype do`,
    );
}

/** What is wrong with a limit; empty for none. */
export const clientLimitProblems = (name: string, limit: ClientLimit | undefined): readonly string[] =>
  limit === undefined || (isWhole(limit.requests, 1, 1_000_000) && isWhole(limit.seconds, 1, 3600))
    ? []
    : [
        `${name} must have requests from 1 to 1000000 and seconds from 1 to 3600, got ${shown(limit.requests)} and ${shown(limit.seconds)}`,
      ];

const isWhole = (value: unknown, min: number, max: number): boolean =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;

/** The path's parameters as a handler gets them. */
export type ParamsOf<R extends RouteProps> = R['params'] extends AnySchema
  ? StandardSchemaV1.InferOutput<R['params']>
  : { readonly [Name in ParameterOf<R['key']>]: string };

/** The query as a handler gets it; undefined for a route without one. */
export type QueryOf<R extends RouteProps> = R['query'] extends AnySchema
  ? StandardSchemaV1.InferOutput<R['query']>
  : undefined;

/** The body as a handler gets it; undefined for a route without one. */
export type BodyOf<R extends RouteProps> = R['body'] extends AnySchema
  ? StandardSchemaV1.InferOutput<R['body']>
  : undefined;

/** The body of an answer, as the handler gives it: what its schema takes. */
export type AnswerBodyOf<Answer> = Answer extends { readonly schema: infer Schema extends AnySchema }
  ? StandardSchemaV1.InferInput<Schema>
  : undefined;

/** Codes of the route's own refusals. */
export type ProblemCodeOf<R extends RouteProps> =
  R['problems'] extends Readonly<Record<infer Code, RouteProblem>> ? Code & string : never;

export type IsRead<R extends RouteProps> = R['key'] extends `${'GET' | 'HEAD'} ${string}` ? true : false;

export const isRead = ({ method }: RouteKeyParts): boolean => method === 'GET' || method === 'HEAD';
