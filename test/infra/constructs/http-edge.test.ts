import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { HttpEdge } from '../../../infra/constructs/http-edge.ts';
import type { HttpEdgeProps } from '../../../infra/constructs/http-edge-props.ts';
import { defineApi, defineRoute } from '../../../lib/definitions/index.ts';
import { createAppWith, createHub, createStack, ENTRY, OrderPlaced, settingsWith } from '../test-stack.ts';

const OK = { 200: { description: 'ok' } } as const;
const placeOrder = defineRoute({
  key: 'POST /orders',
  scopes: ['orders:write'],
  body: z.object({}),
  answers: OK,
  idempotent: true,
  throttle: { rateLimit: 5, burstLimit: 10 },
});
const orderById = defineRoute({ key: 'GET /orders/{orderId}', scopes: ['orders:read', 'orders:write'], answers: OK });
const health = defineRoute({ key: 'GET /health', scopes: 'public', answers: OK });
const ordersApi = defineApi({ name: 'orders', version: '1', routes: [placeOrder, orderById, health] });
const statusApi = defineApi({
  name: 'status',
  version: '1',
  routes: [defineRoute({ key: 'GET /status', scopes: 'public', answers: OK })],
});

function createEdge(props: Partial<HttpEdgeProps> = {}, stack = createStack()) {
  const hub = createHub(stack, { settings: settingsWith({ alarmsEnabled: true }) });
  const edge = new HttpEdge(stack, 'Orders', {
    hub,
    api: ordersApi,
    entry: ENTRY,
    issuer: 'https://auth.example.com',
    audience: ['shop'],
    ...props,
  });
  return { stack, edge, template: () => Template.fromStack(stack) };
}

/** Actions of a function on a table, by the start of the logical ids. */
function grantsOf(template: Template, role: string, table: string): readonly string[] {
  return Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(role))
    .flatMap(
      ([, { Properties }]) =>
        Properties.PolicyDocument.Statement as readonly { Action: string | string[]; Resource: unknown }[],
    )
    .filter(({ Resource }) => JSON.stringify(Resource).includes(`"${table}`))
    .flatMap(({ Action }) => Action)
    .toSorted();
}

describe('HttpEdge', () => {
  it('leads each route to its function, with the scopes of its definition', () => {
    const template = createEdge().template();

    for (const [RouteKey, scopes] of [
      ['POST /orders', ['orders:write']],
      ['GET /orders/{orderId}', ['orders:read', 'orders:write']],
    ]) {
      template.hasResourceProperties('AWS::ApiGatewayV2::Route', {
        RouteKey,
        AuthorizationType: 'JWT',
        AuthorizationScopes: scopes,
        AuthorizerId: { Ref: Match.stringLikeRegexp('^OrdersApi') },
      });
    }
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: 'GET /health', AuthorizationType: 'NONE' });
    template.resourceCountIs('AWS::ApiGatewayV2::Integration', 1);
    template.hasResourceProperties('AWS::ApiGatewayV2::Integration', { PayloadFormatVersion: '2.0' });
    template.resourcePropertiesCountIs('AWS::Lambda::Permission', { Principal: 'apigateway.amazonaws.com' }, 1);
  });

  it('verifies tokens of its issuer for its audience', () => {
    createEdge({ issuer: 'https://auth.example.com/' })
      .template()
      .hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
        AuthorizerType: 'JWT',
        IdentitySource: ['$request.header.Authorization'],
        JwtConfiguration: { Issuer: 'https://auth.example.com/', Audience: ['shop'] },
      });
  });

  it('throttles all routes, and those apart that say so, once they exist', () => {
    const template = createEdge().template();

    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
      RouteSettings: { 'POST /orders': { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 10 } },
    });
    template.hasResource('AWS::ApiGatewayV2::Stage', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^OrdersApiPOSTorders')]),
    });
  });

  it('logs accesses without tokens, addresses and subjects', () => {
    const [stage] = Object.values(createEdge().template().findResources('AWS::ApiGatewayV2::Stage'));
    const format: string = stage?.Properties.AccessLogSettings.Format;

    expect(Object.keys(JSON.parse(format))).toContain('authorizerError');
    expect(format).toContain('$context.requestId');
    expect(format).not.toMatch(/identity|claims|authorization|header|\$context\.path/i);
  });

  it('lets pages of named origins send and read the headers of the edge', () => {
    createEdge({ cors: { allowOrigins: ['https://shop.example.com'], allowHeaders: ['x-app'] } })
      .template()
      .hasResourceProperties('AWS::ApiGatewayV2::Api', {
        CorsConfiguration: {
          AllowOrigins: ['https://shop.example.com'],
          AllowHeaders: Match.arrayWith(['authorization', 'idempotency-key', 'if-match', 'x-app']),
          ExposeHeaders: Match.arrayWith(['etag', 'idempotent-replayed', 'retry-after']),
          AllowMethods: Match.arrayWith(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
          MaxAge: 600,
        },
      });
  });

  it('gives its function the rights that its routes need, and no others', () => {
    const template = createEdge({ publishes: [OrderPlaced] }).template();

    expect(grantsOf(template, 'OrdersFunctionRole', 'OrdersRequests')).toStrictEqual([
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    ]);
    expect(grantsOf(template, 'OrdersFunctionRole', 'HubOutbox')).toStrictEqual([
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    ]);
    expect(grantsOf(createEdge().template(), 'OrdersFunctionRole', 'HubOutbox')).toStrictEqual([]);
  });

  it('gives a function without keys the count of its clients alone, or nothing', () => {
    const limited = defineApi({ ...statusApi, name: 'limited', clientLimit: { requests: 10, seconds: 60 } });

    expect(grantsOf(createEdge({ api: limited }).template(), 'OrdersFunctionRole', 'OrdersRequests')).toStrictEqual([
      'dynamodb:UpdateItem',
    ]);
    expect(grantsOf(createEdge({ api: statusApi }).template(), 'OrdersFunctionRole', 'OrdersRequests')).toStrictEqual(
      [],
    );
  });

  it('serves another API by a function of its own', () => {
    const { edge, template } = createEdge();
    edge.addApi('Status', { api: statusApi, entry: ENTRY });

    template().resourceCountIs('AWS::ApiGatewayV2::Integration', 2);
    template().hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: 'GET /status' });
    template().hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { POWERTOOLS_SERVICE_NAME: 'status', WAYBILL_TENANT_CLAIM: 'tenant' } },
    });
  });

  it.each([
    ['5xx', { MetricName: '5xx', Namespace: 'AWS/ApiGateway', Threshold: 0 }],
    ['p95', { MetricName: 'Latency', Namespace: 'AWS/ApiGateway', ExtendedStatistic: 'p95', Threshold: 400 }],
    ['client limits', { MetricName: 'ClientLimitUnavailable', Namespace: 'Waybill/dev' }],
    [
      'a function that fails or is throttled',
      { AlarmDescription: Match.stringLikeRegexp("^The function 'orders' fails") },
    ],
  ])('raises an alarm on %s', (_, alarm) => {
    createEdge({ maxLatency: Duration.millis(400) })
      .template()
      .hasResourceProperties('AWS::CloudWatch::Alarm', alarm);
  });

  it('passes cdk-nag', () => {
    const app = createAppWith();
    createEdge({ cors: { allowOrigins: ['https://shop.example.com'] } }, new Stack(app, 'Nag'));
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

    expect(() => app.synth()).not.toThrow();
  });

  it.each([
    [
      { issuer: undefined },
      "issuer and audience must be given, because 'POST /orders', 'GET /orders/{orderId}' of API 'orders' need scopes",
    ],
    [{ audience: [] }, 'issuer and audience must be given'],
    [
      { issuer: 'http://auth.example.com' },
      "issuer must begin with https://; http:// is allowed for localhost only, got 'http://auth.example.com'",
    ],
    [
      { timeout: Duration.seconds(30) },
      'timeout must be a whole number of seconds from 1 to 29, got 30: API Gateway waits',
    ],
    [{ tenantClaim: 'a b' }, "tenantClaim must be the name of a claim, such as 'tenant' or 'custom:tenant', got 'a b'"],
    [{ cors: { allowOrigins: [] } }, 'cors.allowOrigins must have at least one origin, got none'],
    [{ cors: { allowOrigins: ['https://shop.example.com/'] } }, 'without a path'],
    [
      { cors: { allowOrigins: ['*'], allowCredentials: true } },
      "cors.allowCredentials must be left out with the origin '*'",
    ],
    [{ throttle: { rateLimit: 0, burstLimit: 1 } }, 'throttle must have a rateLimit and a burstLimit above 0'],
    [{ maxLatency: Duration.minutes(1) }, 'maxLatency must be from 1 to 29000 milliseconds, got 60000'],
    [{ entry: 'functions/none/index.ts' }, "entry 'functions/none/index.ts' does not exist"],
  ])('refuses %o', (props, problem) => {
    expect(() => createEdge(props as Partial<HttpEdgeProps>)).toThrow(
      expect.objectContaining({
        code: 'WIRING_INVALID',
        problems: expect.arrayContaining([expect.stringContaining(problem)]),
      }),
    );
  });

  it('takes an API of the app as its issuer, and creates the authorizer once all of that API is there', () => {
    const stack = createStack();
    const hub = createHub(stack, { settings: settingsWith({ alarmsEnabled: true }) });
    const issuer = new HttpEdge(stack, 'Issuer', { hub, api: statusApi, entry: ENTRY });
    new HttpEdge(stack, 'Orders', { hub, api: ordersApi, entry: ENTRY, issuer, audience: ['shop'] });
    const template = Template.fromStack(stack);
    const [authorizer] = Object.values(template.findResources('AWS::ApiGatewayV2::Authorizer'));
    const idsOf = (type: string) => Object.keys(template.findResources(type)).filter((id) => id.startsWith('Issuer'));

    expect(authorizer?.['Properties'].JwtConfiguration).toStrictEqual({
      Audience: ['shop'],
      Issuer: { 'Fn::GetAtt': [expect.stringMatching(/^IssuerApi/), 'ApiEndpoint'] },
    });
    const needed = ['Route', 'Stage', 'Integration']
      .map((name) => `AWS::ApiGatewayV2::${name}`)
      .concat('AWS::Lambda::Function', 'AWS::Lambda::Permission', 'AWS::IAM::Policy')
      .map(idsOf);
    expect(needed.every((ids) => ids.length > 0)).toBe(true);
    expect(authorizer?.['DependsOn']).toStrictEqual(expect.arrayContaining(needed.flat()));
  });

  it('is deployed after an issuer of another stack', () => {
    const [app, settings] = [createAppWith({}), settingsWith({})];
    const hubStack = new Stack(app, 'Hub');
    const [first, second] = [new Stack(app, 'First'), new Stack(app, 'Second')];
    const hub = createHub(hubStack, { settings });
    const issuer = new HttpEdge(first, 'Issuer', { hub, api: statusApi, entry: ENTRY });
    new HttpEdge(second, 'Orders', { hub, api: ordersApi, entry: ENTRY, issuer, audience: ['shop'] });

    app.synth();

    expect(second.dependencies).toContain(first);
  });
});
