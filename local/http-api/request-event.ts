import type { EpochMs } from '../../lib/shared/time.ts';
import type { SiteRequest } from '../endpoint/service.ts';
import { headerOf } from './headers.ts';
import type { VerifiedToken } from './jwt-authorizer.ts';
import type { PathParameters } from './route-key.ts';

export interface RequestFacts {
  readonly request: SiteRequest;
  readonly accountId: string;
  readonly apiId: string;
  readonly stageName: string;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly routeKey: string;
  readonly pathParameters: PathParameters;
  readonly requestId: string;
  readonly at: EpochMs;
  /** Undefined on a route without authorizer. */
  readonly token: VerifiedToken | undefined;
}

const TEXT_TYPE = /^(text\/|application\/(json|javascript|xml)\b|[^;]*\+(json|xml)\b)/i;

/**
 * The event of payload format 2.0.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function createRequestEvent(facts: RequestFacts): object {
  const { request, routeKey, stageName, pathParameters, stageVariables } = facts;
  const { rawPath, rawQuery, body } = request;
  const cookies = cookiesOf(request);
  const query = queryOf(rawQuery);
  const isBase64Encoded = !isText(request);

  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString: rawQuery,
    ...(cookies.length === 0 ? {} : { cookies }),
    headers: headersOf(request),
    ...withMembers('queryStringParameters', query),
    requestContext: {
      accountId: facts.accountId,
      apiId: facts.apiId,
      ...(facts.token === undefined ? {} : { authorizer: { jwt: facts.token } }),
      domainName: headerOf(request.headers, 'host') ?? '',
      domainPrefix: facts.apiId,
      http: {
        method: request.method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: headerOf(request.headers, 'user-agent') ?? '',
      },
      requestId: facts.requestId,
      routeKey,
      stage: stageName,
      time: logTime(facts.at),
      timeEpoch: facts.at,
    },
    ...withMembers('pathParameters', pathParameters),
    ...withMembers('stageVariables', stageVariables),
    ...(body.length === 0 ? {} : { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  };
}

const withMembers = (name: string, values: Readonly<Record<string, string>>): object =>
  Object.keys(values).length === 0 ? {} : { [name]: values };

/** Lower-case names; several values of one name are joined by commas, and cookies have a member of their own. */
function headersOf({ headers, sourceIp }: SiteRequest): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [rawName, value] of headers) {
    const name = rawName.toLowerCase();
    if (name === 'cookie') continue;
    const before = joined[name];
    joined[name] = before === undefined ? value : `${before},${value}`;
  }
  const host = joined['host'] ?? '';
  return {
    ...joined,
    'x-forwarded-for': joined['x-forwarded-for'] === undefined ? sourceIp : `${joined['x-forwarded-for']}, ${sourceIp}`,
    'x-forwarded-port': host.split(':')[1] ?? '80',
    'x-forwarded-proto': 'http',
  };
}

const cookiesOf = ({ headers }: SiteRequest): readonly string[] =>
  headers
    .filter(([name]) => name.toLowerCase() === 'cookie')
    .flatMap(([, value]) => value.split(';').map((cookie) => cookie.trim()))
    .filter((cookie) => cookie !== '');

function queryOf(rawQuery: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    const before = values[name];
    values[name] = before === undefined ? value : `${before},${value}`;
  }
  return values;
}

/** What is not named as text travels in base64; so does a form. */
function isText({ headers, body }: SiteRequest): boolean {
  const type = headerOf(headers, 'content-type');
  return body.length === 0 || type === undefined || TEXT_TYPE.test(type);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `20/Nov/2026:06:00:00 +0000` */
function logTime(at: EpochMs): string {
  const iso = new Date(at).toISOString();
  const month = MONTHS[Number(iso.slice(5, 7)) - 1];
  return `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}
