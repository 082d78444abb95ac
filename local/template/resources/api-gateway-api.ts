import type { JsonObject } from '../../endpoint/service.ts';
import type { CorsSettings } from '../../http-api/cors.ts';
import type { ThrottleLimits } from '../../http-api/throttle.ts';
import type { Engines } from '../engines.ts';
import { isObject, objectAt } from '../json.ts';
import { optionalBoolean, optionalNumber, requiredText, textList } from '../property-values.ts';
import type { CreatedResource, PropertiesKnowledge, ResourceType } from '../resource-type.ts';

export const apiGatewayApi: ResourceType = {
  type: 'AWS::ApiGatewayV2::Api',
  properties: {
    CorsConfiguration: {
      AllowCredentials: 'used',
      AllowHeaders: 'used',
      AllowMethods: 'used',
      AllowOrigins: 'used',
      ExposeHeaders: 'used',
      MaxAge: 'used',
    },
    Description: 'without-effect',
    Name: 'used',
    ProtocolType: 'used',
    RouteSelectionExpression: 'without-effect',
    Tags: 'without-effect',
    Version: 'without-effect',
  },
  attributes: ['ApiEndpoint', 'ApiId'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-api.html */
  updates: { replacedBy: ['ProtocolType'] },

  refuse: ({ ProtocolType }) =>
    ProtocolType === 'HTTP'
      ? []
      : [`property 'ProtocolType' is '${String(ProtocolType)}'; the local run has 'HTTP' only`],

  async create(resource, { engines, region }) {
    // ten characters, as AWS gives them
    const apiId = resource.physicalUuid().replaceAll('-', '').slice(0, 10);
    engines.httpApis.createApi(apiId, readCors(resource.properties['CorsConfiguration']));
    return describe(apiId, resource.properties, engines, region);
  },

  async update({ made }, { properties }, { engines, region }) {
    engines.httpApis.updateApi(made.physicalId, readCors(properties['CorsConfiguration']));
    return describe(made.physicalId, properties, engines, region);
  },

  async delete({ made }, { engines }) {
    engines.httpApis.deleteApi(made.physicalId);
  },
};

function describe(apiId: string, properties: JsonObject, { httpApis }: Engines, region: string): CreatedResource {
  const url = httpApis.urlOf(apiId);
  return {
    physicalId: apiId,
    arn: `arn:aws:apigateway:${region}::/apis/${apiId}`,
    attributes: { ApiEndpoint: url, ApiId: apiId },
    detail: { kind: 'api', apiName: requiredText(properties, 'Name'), url },
  };
}

const ROUTE_SETTINGS: PropertiesKnowledge = {
  DataTraceEnabled: 'without-effect',
  DetailedMetricsEnabled: 'without-effect',
  LoggingLevel: 'without-effect',
  ThrottlingBurstLimit: 'used',
  ThrottlingRateLimit: 'used',
};

/** All routes are deployed as soon as they exist, whatever the stage says. */
export const apiGatewayStage: ResourceType = {
  type: 'AWS::ApiGatewayV2::Stage',
  properties: {
    AccessLogSettings: 'without-effect',
    ApiId: 'used',
    AutoDeploy: 'without-effect',
    DefaultRouteSettings: ROUTE_SETTINGS,
    DeploymentId: 'without-effect',
    Description: 'without-effect',
    RouteSettings: 'used',
    StageName: 'used',
    StageVariables: 'used',
    Tags: 'without-effect',
  },
  attributes: [],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-stage.html */
  updates: { replacedBy: ['ApiId', 'StageName'] },

  create: async ({ properties }, { engines }) => putStage(properties, engines),
  update: async (_before, { properties }, { engines }) => putStage(properties, engines),
  async delete({ made, resource: { properties } }, { engines }) {
    engines.httpApis.deleteStage(requiredText(properties, 'ApiId'), made.physicalId);
  },
};

function putStage(properties: JsonObject, { httpApis }: Engines): CreatedResource {
  const stageName = requiredText(properties, 'StageName');
  const routeSettings = objectAt(properties, 'RouteSettings');
  httpApis.putStage(requiredText(properties, 'ApiId'), {
    stageName,
    variables: Object.fromEntries(
      Object.entries(objectAt(properties, 'StageVariables')).map(([name, value]) => [name, String(value)]),
    ),
    throttling: readLimits(objectAt(properties, 'DefaultRouteSettings')),
    routeThrottling: Object.fromEntries(
      Object.keys(routeSettings).map((key) => [key, readLimits(objectAt(routeSettings, key))]),
    ),
  });
  return { physicalId: stageName };
}

export const apiGatewayDeployment: ResourceType = {
  type: 'AWS::ApiGatewayV2::Deployment',
  properties: { ApiId: 'used', Description: 'without-effect', StageName: 'without-effect' },
  attributes: ['DeploymentId'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-deployment.html */
  updates: { replacedBy: ['ApiId'] },

  async create(resource) {
    const id = resource.physicalUuid().slice(0, 6);
    return { physicalId: id, attributes: { DeploymentId: id } };
  },
};

const readLimits = (settings: JsonObject): ThrottleLimits => ({
  rateLimit: optionalNumber(settings, 'ThrottlingRateLimit'),
  burstLimit: optionalNumber(settings, 'ThrottlingBurstLimit'),
});

function readCors(cors: unknown): CorsSettings | undefined {
  if (!isObject(cors)) return undefined;
  return {
    allowOrigins: textList(cors, 'AllowOrigins'),
    allowMethods: textList(cors, 'AllowMethods'),
    allowHeaders: textList(cors, 'AllowHeaders'),
    exposeHeaders: textList(cors, 'ExposeHeaders'),
    allowCredentials: optionalBoolean(cors, 'AllowCredentials') ?? false,
    maxAgeSeconds: optionalNumber(cors, 'MaxAge'),
  };
}
