import { request as sendRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createMovableClock } from '../../../local/clock.ts';
import { AwsError } from '../../../local/endpoint/aws-error.ts';
import { openEndpoint } from '../../../local/endpoint/endpoint.ts';
import type { Caller, RestResponse } from '../../../local/endpoint/service.ts';
import type { CorsSettings } from '../../../local/http-api/cors.ts';
import { createHttpApis } from '../../../local/http-api/http-apis.ts';
import { assertIssuer } from '../../../local/http-api/key-source.ts';
import { isObject } from '../../../local/template/json.ts';
import { sendOverWire } from '../../fixtures/send-over-wire.ts';
import { createTokenIssuer } from './token-issuer.ts';

const T0 = Date.UTC(2026, 10, 20, 6, 0, 0) as EpochMs;
const FUNCTION_ARN = 'arn:aws:lambda:eu-central-1:111122223333:function:orders';
const NO_LIMITS = { rateLimit: undefined, burstLimit: undefined };

interface Invocation {
  readonly path: string;
  readonly event: Record<string, unknown>;
  readonly caller: Caller;
}

/** One API, `shop`, whose function writes down what it gets and answers what the test says. */
async function openRig(cors?: CorsSettings) {
  const clock = createMovableClock(() => T0);
  const logged: string[] = [];
  const log = (_level: string, _source: string, message: string) => void logged.push(message);
  const endpoint = await openEndpoint({ log });
  const issuer = createTokenIssuer();
  const invocations: Invocation[] = [];
  let ids = 0;
  const rig = {
    answer: async (): Promise<RestResponse> => ({ statusCode: 200, body: '{"ok":true}' }),
  };
  const apis = createHttpApis({
    clock,
    region: 'eu-central-1',
    accountId: '111122223333',
    log,
    newId: () => `id-${++ids}`,
    endpointUrl: () => endpoint.url,
    fetchJson: issuer.fetchJson,
    lambda: {
      signingName: 'lambda',
      handle({ path, body }, caller) {
        const event: unknown = JSON.parse(body.toString('utf8'));
        invocations.push({ path, event: isObject(event) ? event : {}, caller });
        return rig.answer();
      },
    },
  });
  endpoint.mount(apis.site);
  apis.createApi('shop', cors);
  apis.putIntegration('shop', 'orders', { functionArn: FUNCTION_ARN, credentialsArn: undefined, timeoutMs: 30_000 });
  apis.putStage('shop', { stageName: '$default', variables: {}, throttling: NO_LIMITS, routeThrottling: {} });
  const url = apis.urlOf('shop');
  let routes = 0;
  /** Gives the route's id. */
  const route = (routeKey: string, more: object = {}): string => {
    const routeId = `route-${++routes}`;
    apis.putRoute('shop', routeId, { routeKey, integrationId: 'orders', authorizationScopes: [], ...more });
    return routeId;
  };

  return {
    apis,
    clock,
    issuer,
    invocations,
    logged,
    url,
    route,
    answerWith(payload: unknown, headers: Record<string, string> = {}) {
      rig.answer = async () => ({ statusCode: 200, headers, body: JSON.stringify(payload) });
    },
    answerBy(answer: () => Promise<RestResponse>) {
      rig.answer = answer;
    },
    get: (path: string, init: RequestInit = {}) => fetch(`${url}${path}`, init),
    [Symbol.asyncDispose]: endpoint.close,
  };
}

const CORS: CorsSettings = {
  allowOrigins: ['https://shop.example'],
  allowMethods: ['GET', 'POST'],
  allowHeaders: ['authorization'],
  exposeHeaders: ['x-total'],
  allowCredentials: true,
  maxAgeSeconds: 300,
};

describe('HTTP APIs', () => {
  it('hand a request to the function in payload format 2.0', async () => {
    await using rig = await openRig();
    rig.route('POST /orders/{id}');
    const { port, host } = new URL(rig.url);

    // a client that sends several headers of one name
    await new Promise((resolve, reject) => {
      const headers = [
        ['host', host],
        ['X-Tag', 'a'],
        ['X-Tag', 'b'],
        ['cookie', 'c1=v1; c2=v2'],
        ['content-type', 'application/json'],
        ['user-agent', 'test'],
        ['content-length', '10'],
      ].flat();
      sendRequest(
        { host: '127.0.0.1', port, method: 'POST', path: '/_apis/shop/orders/10%2042?a=1&a=2&b=', headers },
        (response) => response.resume().once('end', resolve),
      )
        .once('error', reject)
        .end('{"n":"ü"}');
    });

    expect(rig.invocations).toMatchObject([
      {
        path: `/2015-03-31/functions/${FUNCTION_ARN}/invocations`,
        caller: {
          kind: 'service',
          principal: 'apigateway.amazonaws.com',
          sourceArn: 'arn:aws:execute-api:eu-central-1:111122223333:shop/$default/POST/orders/{id}',
        },
      },
    ]);
    expect(rig.invocations[0]?.event).toEqual({
      version: '2.0',
      routeKey: 'POST /orders/{id}',
      rawPath: '/orders/10%2042',
      rawQueryString: 'a=1&a=2&b=',
      cookies: ['c1=v1', 'c2=v2'],
      headers: {
        host,
        'x-tag': 'a,b',
        'content-type': 'application/json',
        'user-agent': 'test',
        'content-length': '10',
        connection: 'keep-alive',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': port,
        'x-forwarded-proto': 'http',
      },
      queryStringParameters: { a: '1,2', b: '' },
      requestContext: {
        accountId: '111122223333',
        apiId: 'shop',
        domainName: host,
        domainPrefix: 'shop',
        http: {
          method: 'POST',
          path: '/orders/10%2042',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'test',
        },
        requestId: 'id-1',
        routeKey: 'POST /orders/{id}',
        stage: '$default',
        time: '20/Nov/2026:06:00:00 +0000',
        timeEpoch: T0,
      },
      pathParameters: { id: '10 42' },
      body: '{"n":"ü"}',
      isBase64Encoded: false,
    });
  });

  it('pass a body that is not text on as base64', async () => {
    await using rig = await openRig();
    rig.route('$default');

    await rig.get('/form', {
      method: 'POST',
      body: 'a=1',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });

    expect(rig.invocations[0]?.event).toMatchObject({ body: 'YT0x', isBase64Encoded: true, routeKey: '$default' });
    expect(rig.invocations[0]?.caller).toMatchObject({
      sourceArn: 'arn:aws:execute-api:eu-central-1:111122223333:shop/$default/$default',
    });
  });

  it('answer with the status, headers, cookies and body that the function returns', async () => {
    await using rig = await openRig();
    rig.route('GET /orders');
    rig.answerWith({
      statusCode: 201,
      headers: { 'Content-Type': 'image/gif', 'X-Total': 7 },
      cookies: ['a=1; Secure', 'b=2'],
      body: 'R0lG',
      isBase64Encoded: true,
    });

    const answer = await rig.get('/orders');

    expect(answer.status).toBe(201);
    expect(await answer.text()).toBe('GIF');
    expect(answer.headers.get('content-type')).toBe('image/gif');
    expect(answer.headers.get('x-total')).toBe('7');
    expect(answer.headers.getSetCookie()).toEqual(['a=1; Secure', 'b=2']);
    expect(answer.headers.get('apigw-requestid')).toBe('id-2');
  });

  it.each([
    ['an object', { orders: [] }, 200, 'application/json', '{"orders":[]}'],
    ['a text', 'hello', 200, 'application/json', 'hello'],
    ['a status without type', { statusCode: 200, body: 'plain' }, 200, 'text/plain;charset=UTF-8', 'plain'],
    ['a status alone', { statusCode: 204 }, 204, 'text/plain;charset=UTF-8', ''],
    ['a status that is none', { statusCode: 'good' }, 500, 'application/json', '{"message":"Internal Server Error"}'],
    [
      'a body that is no text',
      { statusCode: 200, body: {} },
      500,
      'application/json',
      '{"message":"Internal Server Error"}',
    ],
  ])('turn %s into an answer', async (_, payload, status, type, body) => {
    await using rig = await openRig();
    rig.route('GET /orders');
    rig.answerWith(payload);

    const answer = await rig.get('/orders');

    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe(type);
    expect(await answer.text()).toBe(body);
  });

  it('answer 404 if the route, the API or the stage does not exist', async () => {
    await using rig = await openRig();
    rig.route('GET /orders');
    rig.apis.createApi('empty', undefined);

    const answers = [
      await rig.get('/invoices'),
      await fetch(rig.url.replace('shop', 'bank')),
      await fetch(rig.url.replace('shop', 'empty')),
    ];

    for (const answer of answers) {
      expect(answer.status).toBe(404);
      expect(await answer.json()).toEqual({ message: 'Not Found' });
    }
  });

  it('answer 500 when the function fails or may not be invoked', async () => {
    await using rig = await openRig();
    rig.route('GET /orders');
    rig.answerWith({ errorMessage: 'no good' }, { 'x-amz-function-error': 'Unhandled' });

    const failed = await rig.get('/orders');
    rig.answerBy(() => Promise.reject(new AwsError('AccessDeniedException', 'no', { statusCode: 403 })));
    const denied = await rig.get('/orders');

    expect(failed.status).toBe(500);
    expect(denied.status).toBe(500);
    expect(await denied.json()).toEqual({ message: 'Internal Server Error' });
    expect(rig.logged).toEqual(['a function could not be invoked']);
  });

  it('answer 503 when the function takes too long', async () => {
    await using rig = await openRig();
    rig.route('GET /orders');
    rig.answerBy(() => {
      setImmediate(() => rig.clock.advance(30_000));
      return new Promise(() => {});
    });

    const answer = await rig.get('/orders');

    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ message: 'Service Unavailable' });
    expect(rig.logged).toEqual(['a function took longer than 30000 ms']);
  });

  it.each([
    [{ aud: 'bank' }, 'the token does not have a valid audience'],
    [{ exp: T0 / 1000 }, 'the token has expired'],
    [{ iss: 'https://issuer.example/' }, 'the token does not have a valid issuer'],
  ])('tell a caller with the claims %o why its token is refused', async (wrong, told) => {
    await using rig = await openRig();
    await rig.apis.putAuthorizer('shop', 'jwt', {
      identitySource: '$request.header.Authorization',
      issuer: rig.issuer.issuer,
      audience: ['shop'],
    });
    rig.route('GET /orders', { authorizerId: 'jwt' });
    const token = rig.issuer.token({ aud: 'shop', exp: T0 / 1000 + 60, ...wrong });

    const refused = await rig.get('/orders', { headers: { authorization: `Bearer ${token}` } });

    expect(refused.status).toBe(401);
    expect(await refused.json()).toEqual({ message: 'Unauthorized' });
    expect(refused.headers.get('www-authenticate')).toBe(
      `Bearer scope="" error="invalid_token" error_description="${told}"`,
    );
  });

  it.each([
    ['does not answer', 'https://nobody.example'],
    ['has a slash at its end and does not answer', 'https://nobody.example/'],
  ])('take no authorizer whose issuer %s, and keep the one before', async (_, issuer) => {
    await using rig = await openRig();
    const authorizer = { identitySource: '$request.header.Authorization', audience: ['shop'] };
    await rig.apis.putAuthorizer('shop', 'known', { ...authorizer, issuer: rig.issuer.issuer });

    const created = rig.apis.putAuthorizer('shop', 'new', { ...authorizer, issuer });
    const changed = rig.apis.putAuthorizer('shop', 'known', { ...authorizer, issuer });

    const refusal = {
      name: 'BadRequestException',
      message: `Caught exception when connecting to https://nobody.example/.well-known/openid-configuration for issuer ${issuer}. Please try again later. Error: Invalid issuer: ${issuer}. Issuer must have a valid discovery endpoint ended with '/.well-known/openid-configuration'`,
    };
    await expect(created).rejects.toMatchObject(refusal);
    await expect(changed).rejects.toMatchObject(refusal);
    expect(rig.apis.issuers().map((each) => each.issuer)).toStrictEqual([rig.issuer.issuer]);
  });

  it('ask an issuer again that is still starting, and not for ever', async () => {
    const late = Object.assign(new Error('late'), { name: 'TimeoutError' });
    const asked: string[] = [];
    const answerAfter = (times: number) => async (url: string) => {
      asked.push(url);
      if (asked.length <= times) throw late;
      return { jwks_uri: 'https://issuer.example/keys' };
    };

    await assertIssuer('https://issuer.example', answerAfter(3));
    const first = asked.splice(0).length;
    await expect(assertIssuer('https://issuer.example', answerAfter(100))).rejects.toMatchObject({
      name: 'BadRequestException',
    });

    expect([first, asked.length]).toStrictEqual([4, 10]);
  });

  it('refuse a head of more than 10,240 bytes, and nothing below', async () => {
    await using rig = await openRig();
    rig.route('GET /orders');

    const below = await rig.get('/orders', { headers: { 'x-filler': 'a'.repeat(9_800) } });
    const above = await rig.get('/orders', { headers: { 'x-filler': 'a'.repeat(10_240) } });
    const query = await rig.get(`/orders?filler=${'a'.repeat(10_240)}`);

    expect([below.status, above.status, query.status]).toEqual([200, 431, 431]);
    expect(await above.json()).toEqual({ message: 'Request Header Fields Too Large' });
    expect(rig.invocations).toHaveLength(1);
  });

  it('refuse what Lambda refuses as too large', async () => {
    await using rig = await openRig();
    rig.route('POST /orders');
    rig.answerBy(async () => {
      throw new AwsError('RequestTooLargeException', 'too large', { statusCode: 413 });
    });

    const refused = await rig.get('/orders', { method: 'POST', body: 'a'.repeat(10) });

    expect(refused.status).toBe(413);
    expect(await refused.json()).toEqual({ message: 'Request Entity Too Large' });
  });

  it('refuse a caller without a token or the scope, and pass the claims to the function', async () => {
    await using rig = await openRig();
    await rig.apis.putAuthorizer('shop', 'jwt', {
      identitySource: '$request.header.Authorization',
      issuer: rig.issuer.issuer,
      audience: ['shop'],
    });
    rig.route('GET /orders', { authorizerId: 'jwt', authorizationScopes: ['orders.read'] });
    const claims = { sub: 'ada', aud: 'shop', exp: T0 / 1000 + 60 };
    const withToken = (more: object) => ({
      headers: { authorization: `Bearer ${rig.issuer.token({ ...claims, ...more })}` },
    });

    const unknown = await rig.get('/orders');
    const forbidden = await rig.get('/orders', withToken({ scope: 'orders.write' }));
    const allowed = await rig.get('/orders', withToken({ scope: 'orders.read' }));

    expect(unknown.status).toBe(401);
    expect(unknown.headers.get('www-authenticate')).toBe('Bearer');
    expect(await unknown.json()).toEqual({ message: 'Unauthorized' });
    expect(forbidden.status).toBe(403);
    expect(await forbidden.json()).toEqual({ message: 'Forbidden' });
    expect(allowed.status).toBe(200);
    expect(rig.invocations).toHaveLength(1);
    expect(rig.invocations[0]?.event['requestContext']).toMatchObject({
      authorizer: { jwt: { claims: { sub: 'ada', scope: 'orders.read' }, scopes: ['orders.read'] } },
    });
    expect(rig.logged).toEqual([
      'GET /orders is refused: there is no token in $request.header.Authorization',
      'GET /orders is refused: the token has none of the scopes orders.read',
    ]);
  });

  it('throttle a stage and a route', async () => {
    await using rig = await openRig();
    rig.route('GET /orders');
    rig.route('GET /invoices');
    rig.apis.putStage('shop', {
      stageName: '$default',
      variables: {},
      throttling: { rateLimit: 1, burstLimit: 2 },
      routeThrottling: { 'GET /invoices': { rateLimit: 1, burstLimit: 1 } },
    });
    const statusOf = async (path: string) => (await rig.get(path)).status;

    expect([await statusOf('/orders'), await statusOf('/orders'), await statusOf('/orders')]).toEqual([200, 200, 429]);
    expect([await statusOf('/invoices'), await statusOf('/invoices')]).toEqual([200, 429]);
    rig.clock.advance(1000);
    expect([await statusOf('/orders'), await statusOf('/orders')]).toEqual([200, 429]);
  });

  it('serve a stage below its name, with its variables', async () => {
    await using rig = await openRig();
    rig.route('GET /orders');
    const stage = { stageName: 'beta', variables: { color: 'blue' }, throttling: NO_LIMITS, routeThrottling: {} };
    rig.apis.putStage('shop', stage);

    const answer = await rig.get('/beta/orders');

    expect(answer.status).toBe(200);
    expect(rig.invocations[0]?.event).toMatchObject({
      rawPath: '/beta/orders',
      stageVariables: { color: 'blue' },
      requestContext: { stage: 'beta' },
    });
  });

  it('can be changed and deleted while requests arrive', async () => {
    await using rig = await openRig();
    const orders = rig.route('GET /orders');
    rig.route('GET /invoices');
    rig.answerWith({ statusCode: 200, body: 'ok' });
    const statusOf = async (path: string) => (await rig.get(path)).status;

    rig.apis.putRoute('shop', orders, {
      routeKey: 'GET /purchases',
      integrationId: 'orders',
      authorizationScopes: [],
    });
    expect([await statusOf('/orders'), await statusOf('/purchases')]).toEqual([404, 200]);
    rig.apis.deleteRoute('shop', orders);
    expect([await statusOf('/purchases'), await statusOf('/invoices')]).toEqual([404, 200]);
    rig.apis.deleteIntegration('shop', 'orders');
    expect(await statusOf('/invoices')).toBe(500);
    rig.apis.deleteStage('shop', '$default');
    expect(await statusOf('/invoices')).toBe(404);
    rig.apis.deleteApi('shop');
    expect(() => rig.apis.urlOf('shop')).toThrow("there is no API 'shop' in this run");
  });

  it('answer preflights of browsers themselves, and add CORS headers to their answers', async () => {
    await using rig = await openRig(CORS);
    rig.route('GET /orders');
    rig.answerWith({ statusCode: 200, headers: { 'access-control-allow-origin': '*' }, body: '' });
    const origin = { origin: 'https://shop.example' };

    const preflight = await rig.get('/orders', {
      method: 'OPTIONS',
      headers: { ...origin, 'access-control-request-method': 'GET' },
    });
    const answer = await rig.get('/orders', { headers: origin });

    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET,POST');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization');
    expect(preflight.headers.get('access-control-max-age')).toBe('300');
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    expect(answer.headers.get('access-control-expose-headers')).toBe('x-total');
    expect(rig.invocations).toHaveLength(1);
  });

  it('add CORS headers to refusals, their own and the function’s, so that pages can read them', async () => {
    await using rig = await openRig(CORS);
    rig.route('GET /orders');
    rig.answerWith({ statusCode: 400, body: '{"code":"REQUEST_INVALID"}' });
    const origin = { origin: 'https://shop.example' };

    for (const [path, status] of [
      ['/orders', 400],
      ['/nowhere', 404],
    ] as const) {
      const answer = await rig.get(path, { headers: origin });
      expect(answer.status).toBe(status);
      expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    }
  });

  it('refuse pages of origins that the API does not allow, without invoking the function', async () => {
    await using rig = await openRig(CORS);
    rig.route('POST /orders');
    rig.apis.createApi('closed', undefined);

    const other = await rig.get('/orders', { method: 'POST', headers: { origin: 'https://other.example' }, body: 'x' });
    const closed = await fetch(rig.apis.urlOf('closed'), { headers: { origin: 'https://shop.example' } });

    expect(other.status).toBe(403);
    expect(await other.text()).toBe(
      "the Origin header says that a page of 'https://other.example' sent this, and the API's CORS settings do not allow that origin.\n" +
        'Add it to the allowed origins of the API (corsPreflight in CDK), or serve the page from the API itself.\n',
    );
    expect(closed.status).toBe(403);
    expect(rig.invocations).toEqual([]);
  });

  it.each([
    ['itself', undefined, (url: string) => new URL(url).origin],
    ['another server on this machine', undefined, () => 'http://localhost:5173'],
    ['any site, where the API allows all', { ...CORS, allowOrigins: ['*'] }, () => 'https://other.example'],
    [
      'any site with TLS, where the API allows those',
      { ...CORS, allowOrigins: ['https://*'] },
      () => 'https://other.example',
    ],
  ])('serve pages of %s', async (_, cors, originAt) => {
    await using rig = await openRig(cors);
    rig.route('POST /orders');

    const answer = await rig.get('/orders', { method: 'POST', headers: { origin: originAt(rig.url) }, body: 'x' });

    expect(answer.status).toBe(200);
    expect(rig.invocations).toHaveLength(1);
  });

  it('refuse a request for a host name that is not of this machine', async () => {
    await using rig = await openRig();
    rig.route('GET /orders');

    const answer = await sendOverWire(rig.url, { path: '/_apis/shop/orders', headers: { host: 'evil.example' } });

    expect(answer.status).toBe(403);
    expect(rig.invocations).toEqual([]);
  });

  it('refuse a payload over 10 MB', async () => {
    await using rig = await openRig();
    rig.route('POST /orders');

    const answer = await rig.get('/orders', { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) });

    expect(answer.status).toBe(413);
    expect(await answer.json()).toEqual({ message: 'Request Entity Too Large' });
  });

  it('refuse a route that is invalid, duplicate, or without an integration', async () => {
    await using rig = await openRig();
    rig.route('GET /orders');

    expect(() => rig.route('orders')).toThrow("'orders' is no route key");
    expect(() => rig.route('GET /orders')).toThrow("API 'shop' has a route 'GET /orders' already");
    expect(() => rig.route('GET /a', { integrationId: 'x' })).toThrow("API 'shop' has no integration 'x'");
    expect(() => rig.route('GET /a', { authorizerId: 'x' })).toThrow("API 'shop' has no authorizer 'x'");
    expect(() => rig.apis.urlOf('bank')).toThrow("there is no API 'bank' in this run");
  });
});
