import { type JsonObject, USER } from '../../endpoint/service.ts';
import { isObject, objectAt, stringAt } from '../json.ts';
import { objectList, pick } from '../property-values.ts';
import { resourceName } from '../resource-name.ts';
import type {
  CreatedResource,
  CreationContext,
  PropertiesKnowledge,
  ResourceToCreate,
  ResourceType,
  RunningResource,
} from '../resource-type.ts';
import {
  indexesOf,
  isProtected,
  recoveryOf,
  tagsOf,
  timeToLiveInput,
  timeToLiveOf,
} from './dynamodb-table-settings.ts';
import { TABLE_UPDATES, updateTable } from './dynamodb-table-update.ts';

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
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html */
  updates: TABLE_UPDATES,
  create: (resource, context) => createTable(resource, context, resource.properties),
  update: async (before, after, context) =>
    describeTable(before.made.physicalId, await updateTable(before, after, context, (properties) => properties), after),
  delete: deleteTable,
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
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html */
  updates: TABLE_UPDATES,
  refuse: ({ Replicas }) =>
    Array.isArray(Replicas) && Replicas.length > 1
      ? [`property 'Replicas' has ${Replicas.length} regions; the local run has one`]
      : [],
  create: (resource, context) => createTable(resource, context, replicaOf(resource.properties)),
  update: async (before, after, context) =>
    describeTable(before.made.physicalId, await updateTable(before, after, context, replicaOf), after),
  delete: deleteTable,
};

/** Where a global table says how it is protected. */
const replicaOf = (properties: JsonObject): JsonObject => objectList(properties, 'Replicas')[0] ?? {};

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
    ...indexMember(properties, 'GlobalSecondaryIndexes'),
    ...indexMember(properties, 'LocalSecondaryIndexes'),
    ...(isObject(stream) ? { StreamSpecification: { ...stream, StreamEnabled: true } } : {}),
  });
  try {
    const recovery = recoveryOf(tableName, settings);
    if (recovery.isOn) await call('UpdateContinuousBackups', recovery.input);
    const timeToLive = timeToLiveOf(properties);
    if (timeToLive !== undefined) await call('UpdateTimeToLive', timeToLiveInput(tableName, timeToLive, true));
  } catch (error) {
    await call('UpdateTable', { TableName: tableName, DeletionProtectionEnabled: false });
    await call('DeleteTable', { TableName: tableName });
    throw error;
  }
  return describeTable(tableName, objectAt(created, 'TableDescription'), resource);
}

async function deleteTable({ made }: RunningResource, { engines }: CreationContext): Promise<void> {
  await engines.dynamoDb.handle('DeleteTable', { TableName: made.physicalId }, USER);
}

/** @param description as the engine gives it. */
function describeTable(
  tableName: string,
  description: JsonObject,
  { properties, physicalUuid }: ResourceToCreate,
): CreatedResource {
  const arn = stringAt(description, 'TableArn') ?? '';
  const streamArn = isObject(properties['StreamSpecification']) ? stringAt(description, 'LatestStreamArn') : undefined;
  return {
    physicalId: tableName,
    arn,
    attributes: {
      Arn: arn,
      TableId: stringAt(description, 'TableId') ?? physicalUuid(),
      ...(streamArn === undefined ? {} : { StreamArn: streamArn }),
    },
    detail: { kind: 'table', tableName, streamArn, timeToLiveAttribute: timeToLiveOf(properties) },
  };
}

function protectionOf(settings: JsonObject): JsonObject {
  const tags = tagsOf(settings);
  return {
    ...(settings['DeletionProtectionEnabled'] === undefined
      ? {}
      : { DeletionProtectionEnabled: isProtected(settings) }),
    ...(tags.length === 0 ? {} : { Tags: tags }),
  };
}

function indexMember(properties: JsonObject, name: string): JsonObject {
  const indexes = indexesOf(properties, name);
  return indexes.length === 0 ? {} : { [name]: indexes };
}
