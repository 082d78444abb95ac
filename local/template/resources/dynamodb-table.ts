import { type JsonObject, USER } from '../../endpoint/service.ts';
import { isObject, objectAt, stringAt } from '../json.ts';
import { objectList, optionalText, pick } from '../property-values.ts';
import type {
  CreatedResource,
  CreationContext,
  PropertiesKnowledge,
  ResourceToCreate,
  ResourceType,
} from '../resource-type.ts';

const KEY_SCHEMA: PropertiesKnowledge = { AttributeName: 'used', KeyType: 'used' };

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
    DeletionProtectionEnabled: 'without-effect',
    GlobalSecondaryIndexes: SECONDARY_INDEX,
    OnDemandThroughput: 'without-effect',
    PointInTimeRecoverySpecification: 'without-effect',
    ProvisionedThroughput: 'without-effect',
    TableClass: 'without-effect',
    Tags: 'without-effect',
  },
  attributes: ['Arn', 'StreamArn'],
  create: createTable,
};

/** CDK's `TableV2`: a table whose per-region settings lie in a replica. */
export const dynamoDbGlobalTable: ResourceType = {
  type: 'AWS::DynamoDB::GlobalTable',
  properties: {
    ...SHARED,
    GlobalSecondaryIndexes: { ...SECONDARY_INDEX, WriteOnDemandThroughputSettings: 'without-effect' },
    Replicas: {
      ContributorInsightsSpecification: 'without-effect',
      DeletionProtectionEnabled: 'without-effect',
      GlobalSecondaryIndexes: 'without-effect',
      PointInTimeRecoverySpecification: 'without-effect',
      Region: 'used',
      SSESpecification: 'without-effect',
      TableClass: 'without-effect',
      Tags: 'without-effect',
    },
    WriteOnDemandThroughputSettings: 'without-effect',
  },
  attributes: ['Arn', 'StreamArn', 'TableId'],
  refuse: ({ Replicas }) =>
    Array.isArray(Replicas) && Replicas.length > 1
      ? [`property 'Replicas' has ${Replicas.length} regions; the local run has one`]
      : [],
  create: createTable,
};

async function createTable(resource: ResourceToCreate, { engines }: CreationContext): Promise<CreatedResource> {
  const { properties } = resource;
  const tableName = optionalText(properties, 'TableName') ?? resource.physicalName({ maxLength: 255 });
  const call = (operation: string, input: JsonObject) => engines.dynamoDb.handle(operation, input, USER);
  const stream = properties['StreamSpecification'];
  const created = await call('CreateTable', {
    TableName: tableName,
    // capacity is without effect here, and on-demand needs none to be named
    BillingMode: 'PAY_PER_REQUEST',
    ...pick(properties, 'AttributeDefinitions', 'KeySchema'),
    ...indexesOf(properties, 'GlobalSecondaryIndexes'),
    ...indexesOf(properties, 'LocalSecondaryIndexes'),
    ...(isObject(stream) ? { StreamSpecification: { ...stream, StreamEnabled: true } } : {}),
  });
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

function indexesOf(properties: JsonObject, name: string): JsonObject {
  const indexes = objectList(properties, name).map((index) => pick(index, 'IndexName', 'KeySchema', 'Projection'));
  return indexes.length === 0 ? {} : { [name]: indexes };
}
