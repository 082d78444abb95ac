import type { JsonObject } from '../../endpoint/service.ts';
import type { Engines } from '../engines.ts';
import { objectAt } from '../json.ts';
import { optionalNumber, optionalText, requiredText, textList } from '../property-values.ts';
import type { CreatedResource, ResourceToCreate, ResourceType } from '../resource-type.ts';

const LONGEST_TIMEOUT_MS = 30_000;
/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MOST_SCOPES = 10;

export const apiGatewayIntegration: ResourceType = {
  type: 'AWS::ApiGatewayV2::Integration',
  properties: {
    ApiId: 'used',
    ConnectionType: 'without-effect',
    CredentialsArn: 'used',
    Description: 'without-effect',
    // always POST for a function
    IntegrationMethod: 'without-effect',
    IntegrationType: 'used',
    IntegrationUri: 'used',
    PayloadFormatVersion: 'used',
    TimeoutInMillis: 'used',
  },
  attributes: ['IntegrationId'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-integration.html */
  updates: { replacedBy: ['ApiId'] },

  refuse: ({ IntegrationType, PayloadFormatVersion }) =>
    [
      IntegrationType !== 'AWS_PROXY' &&
        `property 'IntegrationType' is '${String(IntegrationType)}'; the local run has 'AWS_PROXY' to a function only`,
      PayloadFormatVersion !== '2.0' &&
        `property 'PayloadFormatVersion' is '${String(PayloadFormatVersion)}'; the local run has '2.0' only`,
    ].filter((problem) => problem !== false),

  create: async (resource, { engines }) => putIntegration(shortId(resource), resource.properties, engines),
  update: async ({ made }, { properties }, { engines }) => putIntegration(made.physicalId, properties, engines),
  async delete({ made, resource: { properties } }, { engines }) {
    engines.httpApis.deleteIntegration(requiredText(properties, 'ApiId'), made.physicalId);
  },
};

function putIntegration(integrationId: string, properties: JsonObject, { httpApis }: Engines): CreatedResource {
  httpApis.putIntegration(requiredText(properties, 'ApiId'), integrationId, {
    functionArn: functionArnOf(requiredText(properties, 'IntegrationUri')),
    credentialsArn: optionalText(properties, 'CredentialsArn'),
    timeoutMs: optionalNumber(properties, 'TimeoutInMillis') ?? LONGEST_TIMEOUT_MS,
  });
  return { physicalId: integrationId, attributes: { IntegrationId: integrationId } };
}

export const apiGatewayAuthorizer: ResourceType = {
  type: 'AWS::ApiGatewayV2::Authorizer',
  properties: {
    ApiId: 'used',
    AuthorizerType: 'used',
    IdentitySource: 'used',
    JwtConfiguration: { Audience: 'used', Issuer: 'used' },
    Name: 'without-effect',
  },
  attributes: ['AuthorizerId'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-authorizer.html */
  updates: { replacedBy: ['ApiId'] },

  refuse: ({ AuthorizerType, IdentitySource }) =>
    [
      AuthorizerType !== 'JWT' &&
        `property 'AuthorizerType' is '${String(AuthorizerType)}'; the local run has 'JWT' only`,
      Array.isArray(IdentitySource) &&
        IdentitySource.length !== 1 &&
        `property 'IdentitySource' has ${IdentitySource.length} sources; a JWT authorizer has one`,
    ].filter((problem) => problem !== false),

  create: async (resource, { engines }) => putAuthorizer(shortId(resource), resource.properties, engines),
  update: async ({ made }, { properties }, { engines }) => putAuthorizer(made.physicalId, properties, engines),
  async delete({ made, resource: { properties } }, { engines }) {
    engines.httpApis.deleteAuthorizer(requiredText(properties, 'ApiId'), made.physicalId);
  },
};

async function putAuthorizer(
  authorizerId: string,
  properties: JsonObject,
  { httpApis }: Engines,
): Promise<CreatedResource> {
  const jwt = objectAt(properties, 'JwtConfiguration');
  const [identitySource = '$request.header.Authorization'] = textList(properties, 'IdentitySource');
  await httpApis.putAuthorizer(requiredText(properties, 'ApiId'), authorizerId, {
    identitySource,
    issuer: requiredText(jwt, 'Issuer'),
    audience: textList(jwt, 'Audience'),
  });
  return { physicalId: authorizerId, attributes: { AuthorizerId: authorizerId } };
}

export const apiGatewayRoute: ResourceType = {
  type: 'AWS::ApiGatewayV2::Route',
  properties: {
    ApiId: 'used',
    AuthorizationScopes: 'used',
    AuthorizationType: 'used',
    AuthorizerId: 'used',
    OperationName: 'without-effect',
    RouteKey: 'used',
    Target: 'used',
  },
  attributes: ['RouteId'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-route.html */
  updates: { replacedBy: ['ApiId'] },

  refuse: ({ AuthorizationType = 'NONE', AuthorizationScopes }) =>
    [
      AuthorizationType !== 'NONE' &&
        AuthorizationType !== 'JWT' &&
        `property 'AuthorizationType' is '${String(AuthorizationType)}'; the local run has 'NONE' and 'JWT'`,
      Array.isArray(AuthorizationScopes) &&
        AuthorizationScopes.length > MOST_SCOPES &&
        `property 'AuthorizationScopes' has ${AuthorizationScopes.length} scopes; API Gateway allows ${MOST_SCOPES} per route`,
    ].filter((problem) => problem !== false),

  create: async (resource, { engines }) => putRoute(shortId(resource), resource.properties, engines),
  update: async ({ made }, { properties }, { engines }) => putRoute(made.physicalId, properties, engines),
  async delete({ made, resource: { properties } }, { engines }) {
    engines.httpApis.deleteRoute(requiredText(properties, 'ApiId'), made.physicalId);
  },
};

function putRoute(routeId: string, properties: JsonObject, { httpApis }: Engines): CreatedResource {
  httpApis.putRoute(requiredText(properties, 'ApiId'), routeId, {
    routeKey: requiredText(properties, 'RouteKey'),
    integrationId: requiredText(properties, 'Target').replace(/^integrations\//, ''),
    authorizerId:
      optionalText(properties, 'AuthorizationType') === 'JWT' ? requiredText(properties, 'AuthorizerId') : undefined,
    authorizationScopes: textList(properties, 'AuthorizationScopes'),
  });
  return { physicalId: routeId, attributes: { RouteId: routeId } };
}

/** Seven characters, as AWS gives them. */
const shortId = (resource: ResourceToCreate): string => resource.physicalUuid().slice(0, 7);

/** Either the function's own ARN or the path by which API Gateway invokes it. */
function functionArnOf(uri: string): string {
  const [, arn] = /\/functions\/(arn:[^/]+)\/invocations$/.exec(uri) ?? [];
  return arn ?? uri;
}
