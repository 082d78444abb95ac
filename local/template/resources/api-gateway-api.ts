import type { JsonObject } from '../../endpoint/service.ts';
import type { CorsSettings } from '../../http-api/cors.ts';
import type { ThrottleLimits } from '../../http-api/throttle.ts';
import { isObject, objectAt } from '../json.ts';
import { optionalBoolean, optionalNumber, requiredText, textList } from '../property-values.ts';
import type { PropertiesKnowledge, ResourceType } from '../resource-type.ts';

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

  refuse: ({ ProtocolType }) =>
    ProtocolType === 'HTTP'
      ? []
      : [`property 'ProtocolType' is '${String(ProtocolType)}'; the local run has 'HTTP' only`],

  async create(resource, { engines, region }) {
    // ten characters, as AWS gives them
    const apiId = resource.physicalUuid().replaceAll('-', '').slice(0, 10);
    engines.httpApis.createApi(apiId, readCors(resource.properties['CorsConfiguration']));
    const url = engines.httpApis.urlOf(apiId);
    return {
      physicalId: apiId,
      arn: `arn:aws:apigateway:${region}::/apis/${apiId}`,
      attributes: { ApiEndpoint: url, ApiId: apiId },
      detail: { kind: 'api', apiName: requiredText(resource.properties, 'Name'), url },
    };
  },
};

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

  async create({ properties }, { engines }) {
    const stageName = requiredText(properties, 'StageName');
    const routeSettings = objectAt(properties, 'RouteSettings');
    engines.httpApis.createStage(requiredText(properties, 'ApiId'), {
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
  },
};

export const apiGatewayDeployment: ResourceType = {
  type: 'AWS::ApiGatewayV2::Deployment',
  properties: { ApiId: 'used', Description: 'without-effect', StageName: 'without-effect' },
  attributes: ['DeploymentId'],

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
