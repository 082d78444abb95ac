import { type JsonObject, USER } from '../../endpoint/service.ts';
import { isObject, objectAt, stringAt } from '../json.ts';
import { objectList, optionalBoolean, optionalNumber, pick, requiredText } from '../property-values.ts';
import { resourceName } from '../resource-name.ts';
import type {
  CreatedResource,
  CreationContext,
  PropertiesKnowledge,
  ResourceToCreate,
  ResourceType,
} from '../resource-type.ts';

const KEY_SCHEMA: PropertiesKnowledge = { AttributeName: 'used', KeyType: 'used' };

const TAG: PropertiesKnowledge = { Key: 'used', Value: 'used' };

const POINT_IN_TIME_RECOVERY: PropertiesKnowledge = {
  PointInTimeRecoveryEnabled: 'used',
  RecoveryPeriodInDays: 'used',
};

const SECONDARY_INDEX: PropertiesKnowledge = {
  ContributorInsightsSpecification: 'without-effect',
  IndexName: 'used',
  KeySchema: KEY_SCHEMA,
  OnDemandThroughput: 'without-effect',
  Projection: { NonKeyAttributes: 'used', ProjectionType: 'used' },
  ProvisionedThroughput: 'without-effect',
  WarmThroughput: 'without-effect',
};

/** What both kinds of table say in the same words. */
const SHARED: PropertiesKnowledge = {
  AttributeDefinitions: { AttributeName: 'used', AttributeType: 'used' },
  BillingMode: 'without-effect',
  KeySchema: KEY_SCHEMA,
  LocalSecondaryIndexes: SECONDARY_INDEX,
  SSESpecification: 'without-effect',
  StreamSpecification: { StreamViewType: 'used' },
  TableName: 'used',
  TimeToLiveSpecification: { AttributeName: 'used', Enabled: 'used' },
  WarmThroughput: 'without-effect',
};

export const dynamoDbTable: ResourceType = {
  type: 'AWS::DynamoDB::Table',
  properties: {
    ...SHARED,
    ContributorInsightsSpecification: 'without-effect',
    DeletionProtectionEnabled: 'used',
    GlobalSecondaryIndexes: SECONDARY_INDEX,
    OnDemandThroughput: 'without-effect',
    PointInTimeRecoverySpecification: POINT_IN_TIME_RECOVERY,
    ProvisionedThroughput: 'without-effect',
    TableClass: 'without-effect',
    Tags: TAG,
  },
  attributes: ['Arn', 'StreamArn'],
  create: (resource, context) => createTable(resource, context, resource.properties),
};

/** CDK's `TableV2`: a table whose per-region settings lie in a replica. */
export const dynamoDbGlobalTable: ResourceType = {
  type: 'AWS::DynamoDB::GlobalTable',
  properties: {
    ...SHARED,
    GlobalSecondaryIndexes: { ...SECONDARY_INDEX, WriteOnDemandThroughputSettings: 'without-effect' },
    Replicas: {
      ContributorInsightsSpecification: 'without-effect',
      DeletionProtectionEnabled: 'used',
      GlobalSecondaryIndexes: 'without-effect',
      PointInTimeRecoverySpecification: POINT_IN_TIME_RECOVERY,
      Region: 'used',
      SSESpecification: 'without-effect',
      TableClass: 'without-effect',
      Tags: TAG,
    },
    WriteOnDemandThroughputSettings: 'without-effect',
  },
  attributes: ['Arn', 'StreamArn', 'TableId'],
  refuse: ({ Replicas }) =>
    Array.isArray(Replicas) && Replicas.length > 1
      ? [`property 'Replicas' has ${Replicas.length} regions; the local run has one`]
      : [],
  create: (resource, context) => createTable(resource, context, objectList(resource.properties, 'Replicas')[0] ?? {}),
};

/** @param settings where the template says how the table is protected: the table itself or its replica. */
async function createTable(
  resource: ResourceToCreate,
  { engines }: CreationContext,
  settings: JsonObject,
): Promise<CreatedResource> {
  const { properties } = resource;
  const tableName = resourceName(resource, 'TableName', { maxLength: 255 });
  const call = (operation: string, input: JsonObject) => engines.dynamoDb.handle(operation, input, USER);
  const stream = properties['StreamSpecification'];
  const created = await call('CreateTable', {
    TableName: tableName,
    // capacity is without effect here, and on-demand needs none to be named
    BillingMode: 'PAY_PER_REQUEST',
    ...pick(properties, 'AttributeDefinitions', 'KeySchema'),
    ...protectionOf(settings),
    ...indexesOf(properties, 'GlobalSecondaryIndexes'),
    ...indexesOf(properties, 'LocalSecondaryIndexes'),
    ...(isObject(stream) ? { StreamSpecification: { ...stream, StreamEnabled: true } } : {}),
  });
  const recovery = objectAt(settings, 'PointInTimeRecoverySpecification');
  if (optionalBoolean(recovery, 'PointInTimeRecoveryEnabled') === true) {
    const days = optionalNumber(recovery, 'RecoveryPeriodInDays');
    await call('UpdateContinuousBackups', {
      TableName: tableName,
      PointInTimeRecoverySpecification: {
        PointInTimeRecoveryEnabled: true,
        ...(days === undefined ? {} : { RecoveryPeriodInDays: days }),
      },
    });
  }
  const timeToLive = objectAt(properties, 'TimeToLiveSpecification');
  const timeToLiveAttribute =
    String(timeToLive['Enabled']) === 'true' ? stringAt(timeToLive, 'AttributeName') : undefined;
  if (timeToLiveAttribute !== undefined) {
    await call('UpdateTimeToLive', {
      TableName: tableName,
      TimeToLiveSpecification: { AttributeName: timeToLiveAttribute, Enabled: true },
    });
  }

  const description = objectAt(created, 'TableDescription');
  const arn = stringAt(description, 'TableArn') ?? '';
  const streamArn = stringAt(description, 'LatestStreamArn');
  return {
    physicalId: tableName,
    arn,
    attributes: {
      Arn: arn,
      TableId: stringAt(description, 'TableId') ?? resource.physicalUuid(),
      ...(streamArn === undefined ? {} : { StreamArn: streamArn }),
    },
    detail: { kind: 'table', tableName, streamArn, timeToLiveAttribute },
  };
}

function protectionOf(settings: JsonObject): JsonObject {
  const isProtected = optionalBoolean(settings, 'DeletionProtectionEnabled');
  const tags = objectList(settings, 'Tags').map((tag) => ({
    Key: requiredText(tag, 'Key'),
    Value: requiredText(tag, 'Value'),
  }));
  return {
    ...(isProtected === undefined ? {} : { DeletionProtectionEnabled: isProtected }),
    ...(tags.length === 0 ? {} : { Tags: tags }),
  };
}

function indexesOf(properties: JsonObject, name: string): JsonObject {
  const indexes = objectList(properties, name).map((index) => pick(index, 'IndexName', 'KeySchema', 'Projection'));
  return indexes.length === 0 ? {} : { [name]: indexes };
}
