import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { HttpApi, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { HttpEdge } from '../../../infra/constructs/http-edge.ts';
import { WebhookEndpoint, type WebhookEndpointProps } from '../../../infra/constructs/webhook-endpoint.ts';
import type { EnvironmentSettings } from '../../../infra/settings.ts';
import { defineApi, defineRoute } from '../../../lib/definitions/index.ts';
import { defineWebhook, github, on } from '../../../lib/webhook/public.ts';
import { createAppWith, createHub, createStack, ENTRY, OrderPlaced, settingsWith } from '../test-stack.ts';

const hookAt = (path: string, name = 'carrier') =>
  defineWebhook({ name, path, scheme: github(), events: { push: on(z.unknown(), [OrderPlaced], () => []) } });

const plain = hookAt('/webhooks/carrier');
const tenants = hookAt('/webhooks/{tenant}/carrier');

interface Options extends Partial<Omit<WebhookEndpointProps, 'hub'>> {
  readonly settings?: Partial<EnvironmentSettings>;
}

function build({ settings = {}, ...props }: Options = {}, stack: Stack = createStack()) {
  const hub = createHub(stack, { settings: settingsWith(settings) });
  const endpoint = new WebhookEndpoint(stack, 'Carrier', { hub, webhook: plain, entry: ENTRY, ...props });
  return { stack, hub, endpoint, template: () => Template.fromStack(stack) };
}

const ofTenants = (props: Options = {}) => build({ webhook: tenants, settings: { tenancy: 'required' }, ...props });

/** Statements of the role of the endpoint's function on a service. */
function grantsOn(template: Template, service: string): readonly unknown[] {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
  return policies
    .filter(([id]) => id.startsWith('CarrierFunction'))
    .flatMap(
      ([, { Properties }]) => Properties.PolicyDocument.Statement as { Action: string | string[]; Resource: unknown }[],
    )
    .filter(({ Action }) => [Action].flat().some((action) => action.startsWith(`${service}:`)))
    .map(({ Action, Resource }) => ({ Action, Resource }));
}

describe('WebhookEndpoint', () => {
  it('has a table of deliveries that expire', () => {
    build()
      .template()
      .hasResourceProperties('AWS::DynamoDB::Table', {
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      });
  });

  it('has one route, for POST, that API Gateway throttles and logs', () => {
    const { template } = build({ throttle: { rateLimit: 5, burstLimit: 7 } });
    const made = template();

    made.resourceCountIs('AWS::ApiGatewayV2::Route', 1);
    made.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: 'POST /webhooks/carrier' });
    made.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      AutoDeploy: true,
      RouteSettings: { 'POST /webhooks/carrier': { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 7 } },
      AccessLogSettings: { Format: Match.not(Match.stringLikeRegexp('sourceIp|header')) },
    });
    made.hasResource('AWS::ApiGatewayV2::Stage', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('Route|POST')]),
    });
  });

  it('gives its function the rights that it uses, and no others', () => {
    const made = build().template();

    expect(grantsOn(made, 'secretsmanager')).toStrictEqual([
      {
        Action: 'secretsmanager:GetSecretValue',
        Resource: { Ref: expect.stringMatching(/^CarrierSecret/) },
      },
    ]);
    const table = (id: string) => ({ 'Fn::GetAtt': [expect.stringMatching(new RegExp(`^${id}`)), 'Arn'] });
    expect(grantsOn(made, 'dynamodb')).toStrictEqual([
      { Action: 'dynamodb:PutItem', Resource: [table('CarrierDeliveries'), table('HubPending')] },
      {
        Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        Resource: table('HubOutbox'),
      },
    ]);
  });

  it('may decrypt a secret of a key of its own, and read one that is known by its name only', () => {
    const [one, other] = [createStack(), createStack()];
    const secret = new Secret(one, 'Mine', { encryptionKey: new Key(one, 'Key') });
    const encrypted = build({ secret }, one).template();
    const named = build({ secret: Secret.fromSecretNameV2(other, 'Mine', 'shop/carrier') }, other).template();

    encrypted.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 'kms:Decrypt',
            Principal: { AWS: { 'Fn::GetAtt': [Match.stringLikeRegexp('^CarrierFunction'), 'Arn'] } },
          }),
        ]),
      },
    });
    expect(JSON.stringify(grantsOn(named, 'secretsmanager'))).toContain('secret:shop/carrier-??????');
  });

  it('generates a secret that holds what its code reads', () => {
    build()
      .template()
      .hasResourceProperties('AWS::SecretsManager::Secret', {
        GenerateSecretString: {
          SecretStringTemplate: '{"previous":""}',
          GenerateStringKey: 'current',
          PasswordLength: 64,
        },
      });
  });

  it('takes a secret that is there', () => {
    const stack = createStack();
    const secret = Secret.fromSecretNameV2(stack, 'Given', 'given/carrier');
    const made = build({ secret }, stack).template();

    made.resourceCountIs('AWS::SecretsManager::Secret', 0);
    expect(JSON.stringify(grantsOn(made, 'secretsmanager'))).toContain(':secret:given/carrier-??????');
  });

  it('reads the secrets of tenants by the beginning of their names', () => {
    const made = ofTenants().template();

    made.resourceCountIs('AWS::SecretsManager::Secret', 0);
    expect(grantsOn(made, 'secretsmanager')).toMatchObject([{ Action: 'secretsmanager:GetSecretValue' }]);
    expect(JSON.stringify(grantsOn(made, 'secretsmanager'))).toContain(':secret:waybill/default/webhooks/carrier/*');
    made.hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 10,
      Environment: { Variables: Match.objectLike({ WAYBILL_WEBHOOK_SECRET: 'waybill/default/webhooks/carrier/' }) },
    });
    const named = ofTenants({ secretNamePrefix: 'partners/' }).template();
    expect(JSON.stringify(grantsOn(named, 'secretsmanager'))).toContain(':secret:partners/*');
  });

  it('has alarms on refusals, on secrets that cannot be read, and on 503', () => {
    const made = build({ settings: { alarmsEnabled: true } }).template();

    for (const MetricName of ['WebhooksRefused', 'WebhookSecretsUnreadable', 'WebhooksUnavailable']) {
      made.hasResourceProperties('AWS::CloudWatch::Alarm', {
        MetricName,
        Dimensions: [{ Name: 'service', Value: 'carrier' }],
      });
    }
  });

  it('shares an API with another endpoint, each with its own throttle', () => {
    const { stack, hub, endpoint, template } = build();
    new WebhookEndpoint(stack, 'Shop', { hub, webhook: hookAt('/shop', 'shop'), entry: ENTRY, api: endpoint.api });
    const made = template();

    made.resourceCountIs('AWS::ApiGatewayV2::Api', 1);
    made.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      RouteSettings: {
        'POST /webhooks/carrier': { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
        'POST /shop': { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
      },
    });
  });

  it('throttles its route at the default stage of any API, and leaves a stage of somebody else alone', () => {
    const stack = createStack();
    const made = build({ api: new HttpApi(stack, 'Api') }, stack).template();
    made.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      RouteSettings: { 'POST /webhooks/carrier': { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 } },
    });

    const other = createStack();
    const api = new HttpApi(other, 'Api', { createDefaultStage: false });
    build({ api }, other).template().resourceCountIs('AWS::ApiGatewayV2::Stage', 0);
  });

  it('throttles its route at a stage that somebody has created for the API', () => {
    const stack = createStack();
    const api = new HttpApi(stack, 'Api', { createDefaultStage: false });
    new HttpStage(stack, 'Live', { httpApi: api, stageName: 'live' });
    new HttpStage(stack, 'Other', { httpApi: new HttpApi(stack, 'OtherApi', { createDefaultStage: false }) });
    const made = build({ api, throttle: { rateLimit: 5, burstLimit: 7 } }, stack).template();

    const stages = Object.values(made.findResources('AWS::ApiGatewayV2::Stage'));
    expect(stages.map(({ Properties }) => [Properties.StageName, Properties.RouteSettings])).toStrictEqual([
      ['live', { 'POST /webhooks/carrier': { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 7 } }],
      ['$default', undefined],
    ]);
  });

  it('throttles its route beside those of an HttpEdge whose API it is given, once the route exists', () => {
    const stack = createStack();
    const { hub } = build({}, stack);
    const answers = { 200: { description: 'ok' } };
    const limited = { rateLimit: 1, burstLimit: 2 };
    const status = defineRoute({ key: 'GET /status', scopes: 'public', answers, throttle: limited });
    const edge = new HttpEdge(stack, 'Edge', {
      hub,
      api: defineApi({ name: 'status', version: '1', routes: [status] }),
      entry: ENTRY,
    });
    new WebhookEndpoint(stack, 'Shop', {
      hub,
      webhook: hookAt('/shop', 'shop'),
      entry: ENTRY,
      api: edge.api,
      throttle: { rateLimit: 5, burstLimit: 7 },
    });
    const made = Template.fromStack(stack);

    const [[, stage] = []] = Object.entries(made.findResources('AWS::ApiGatewayV2::Stage')).filter(([id]) =>
      id.startsWith('EdgeStage'),
    );
    expect(stage?.['Properties']).toMatchObject({
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
      RouteSettings: {
        'GET /status': { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 2 },
        'POST /shop': { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 7 },
      },
    });
    expect(stage?.['DependsOn']).toContainEqual(expect.stringMatching(/^EdgeApiPOSTshop/));
  });

  it('has no cdk-nag findings, with and without tenants', () => {
    for (const webhook of [plain, tenants]) {
      const app = createAppWith();
      const stack = new Stack(app, 'Test');
      Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
      build({ webhook, settings: { tenancy: webhook.hasTenants ? 'required' : 'none' } }, stack);

      const [synthesized] = app.synth().stacks;
      expect(synthesized?.messages.map(({ entry }) => entry.data)).toStrictEqual([
        expect.stringMatching(/^'com\.example\.order\.placed' from '\/orders' is published here but no consumer/),
      ]);
    }
  });

  it('fails if its props contradict its webhook or the environment, naming all of it', () => {
    const stack = createStack();
    const api = new HttpApi(stack, 'Api', { createDefaultStage: false });
    const secret = Secret.fromSecretNameV2(stack, 'Given', 'given/carrier');

    expect(() =>
      build(
        {
          webhook: tenants,
          api,
          secret,
          timeout: Duration.seconds(30),
          throttle: { rateLimit: 0, burstLimit: 20_000 },
        },
        stack,
      ),
    ).toThrow(
      [
        "WebhookEndpoint 'Test/Carrier' cannot be built:",
        "webhook.path '/webhooks/{tenant}/carrier' has {tenant}, and the environment has tenancy 'none': leave {tenant} out, or set tenancy to 'required'",
        "secret must be left out for a webhook with tenants, got 'Test/Given': give secretNamePrefix, before each tenant's id",
        'throttle.rateLimit must be a whole number of requests per second from 1 to 10000, got 0',
        'throttle.burstLimit must be a whole number of requests from 1 to 10000, got 20000',
        "throttle must be left out for the API 'Test/Api', which has no stage yet: create its stage before this endpoint",
        'timeout must be at most 29 seconds, because API Gateway waits 30, got 30',
      ].join('\n  - '),
    );
    expect(() => build({ settings: { tenancy: 'required' }, secretNamePrefix: 'a b' })).toThrow(
      [
        "WebhookEndpoint 'Test/Carrier' cannot be built:",
        "webhook.path '/webhooks/carrier' must have {tenant}, because the environment has tenancy 'required': every event belongs to a tenant",
        "secretNamePrefix must be left out for a webhook without tenants, got 'a b': give secret",
        "secretNamePrefix must be 1 to 400 letters, digits and '/_+=.@-', got 'a b'",
      ].join('\n  - '),
    );
  });
});
