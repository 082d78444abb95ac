import { describe, expect, it } from 'vitest';
import { deployed } from '../deployed.ts';

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:orders';

const API = { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'shop', ProtocolType: 'HTTP' } };
const ApiId = { Ref: 'Api' };

describe('an HTTP API of a template', () => {
  it('is created with its stage, its authorizer and its routes', async () => {
    const { deployment, calls, outputs } = await deployed(
      {
        Route: {
          Type: 'AWS::ApiGatewayV2::Route',
          Properties: {
            ApiId,
            RouteKey: 'GET /orders/{id}',
            Target: { 'Fn::Join': ['', ['integrations/', { Ref: 'Integration' }]] },
            AuthorizationType: 'JWT',
            AuthorizerId: { Ref: 'Authorizer' },
            AuthorizationScopes: ['orders.read'],
          },
        },
        Api: {
          ...API,
          Properties: {
            ...API.Properties,
            CorsConfiguration: { AllowOrigins: ['*'], AllowCredentials: 'false', MaxAge: '60' },
          },
        },
        Integration: {
          Type: 'AWS::ApiGatewayV2::Integration',
          Properties: {
            ApiId,
            IntegrationType: 'AWS_PROXY',
            IntegrationUri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FUNCTION_ARN}/invocations`,
            PayloadFormatVersion: '2.0',
          },
        },
        Authorizer: {
          Type: 'AWS::ApiGatewayV2::Authorizer',
          Properties: {
            ApiId,
            AuthorizerType: 'JWT',
            Name: 'login',
            IdentitySource: ['$request.header.Authorization'],
            JwtConfiguration: { Audience: ['shop'], Issuer: 'https://issuer.example' },
          },
        },
        Stage: {
          Type: 'AWS::ApiGatewayV2::Stage',
          Properties: {
            ApiId,
            StageName: '$default',
            AutoDeploy: true,
            StageVariables: { color: 'blue' },
            DefaultRouteSettings: { ThrottlingRateLimit: '100', ThrottlingBurstLimit: 50 },
            RouteSettings: { 'GET /orders/{id}': { ThrottlingRateLimit: 1 } },
          },
        },
      },
      { outputs: { Id: ApiId, Url: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] } } },
    );

    const apiId = outputs?.get('Id') ?? '';
    expect(apiId).toMatch(/^[0-9a-f]{10}$/);
    expect(outputs?.get('Url')).toBe(`http://127.0.0.1:4566/_apis/${apiId}`);
    const integrationId = expect.stringMatching(/^[0-9a-f]{7}$/);
    expect(calls).toEqual([
      {
        operation: 'createApi',
        input: [
          apiId,
          {
            allowOrigins: ['*'],
            allowMethods: [],
            allowHeaders: [],
            exposeHeaders: [],
            allowCredentials: false,
            maxAgeSeconds: 60,
          },
        ],
      },
      {
        operation: 'putIntegration',
        input: [apiId, integrationId, { functionArn: FUNCTION_ARN, credentialsArn: undefined, timeoutMs: 30_000 }],
      },
      {
        operation: 'putAuthorizer',
        input: [
          apiId,
          expect.any(String),
          { identitySource: '$request.header.Authorization', issuer: 'https://issuer.example', audience: ['shop'] },
        ],
      },
      {
        operation: 'putRoute',
        input: [
          apiId,
          expect.any(String),
          {
            routeKey: 'GET /orders/{id}',
            integrationId,
            authorizerId: expect.any(String),
            authorizationScopes: ['orders.read'],
          },
        ],
      },
      {
        operation: 'putStage',
        input: [
          apiId,
          {
            stageName: '$default',
            variables: { color: 'blue' },
            throttling: { rateLimit: 100, burstLimit: 50 },
            routeThrottling: { 'GET /orders/{id}': { rateLimit: 1, burstLimit: undefined } },
          },
        ],
      },
    ]);
    expect(deployment.apis).toMatchObject([{ apiName: 'shop', url: `http://127.0.0.1:4566/_apis/${apiId}` }]);
  });

  it('refuses what the run cannot serve, all in one message', async () => {
    const refused = deployed({
      Socket: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'chat', ProtocolType: 'WEBSOCKET' } },
      Proxy: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: { ApiId: 'x', IntegrationType: 'HTTP_PROXY', PayloadFormatVersion: '1.0' },
      },
      Custom: {
        Type: 'AWS::ApiGatewayV2::Authorizer',
        Properties: { ApiId: 'x', AuthorizerType: 'REQUEST', IdentitySource: ['a', 'b'] },
      },
      Signed: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: { ApiId: 'x', RouteKey: '$default', Target: 'integrations/x', AuthorizationType: 'AWS_IAM' },
      },
      Scoped: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId: 'x',
          RouteKey: '$default',
          Target: 'integrations/x',
          AuthorizationScopes: Array.from({ length: 11 }, (_, index) => `scope-${index}`),
        },
      },
    });

    await expect(refused).rejects.toMatchObject({
      code: 'LOCAL_TEMPLATE_REFUSED',
      problems: [
        "Hub/Socket (AWS::ApiGatewayV2::Api): property 'ProtocolType' is 'WEBSOCKET'; the local run has 'HTTP' only",
        "Hub/Proxy (AWS::ApiGatewayV2::Integration): property 'IntegrationType' is 'HTTP_PROXY'; the local run has 'AWS_PROXY' to a function only",
        "Hub/Proxy (AWS::ApiGatewayV2::Integration): property 'PayloadFormatVersion' is '1.0'; the local run has '2.0' only",
        "Hub/Custom (AWS::ApiGatewayV2::Authorizer): property 'AuthorizerType' is 'REQUEST'; the local run has 'JWT' only",
        "Hub/Custom (AWS::ApiGatewayV2::Authorizer): property 'IdentitySource' has 2 sources; a JWT authorizer has one",
        "Hub/Signed (AWS::ApiGatewayV2::Route): property 'AuthorizationType' is 'AWS_IAM'; the local run has 'NONE' and 'JWT'",
        "Hub/Scoped (AWS::ApiGatewayV2::Route): property 'AuthorizationScopes' has 11 scopes; API Gateway allows 10 per route",
      ],
    });
  });
});
