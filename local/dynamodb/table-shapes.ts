import type { TableSchema } from '../../lib/testing/dynamodb/schema.ts';
import { createTableProblem } from './create-table-rules.ts';
import { type RequestShape, shapeOf } from './request-rules.ts';

const STREAM_SPECIFICATION = {
  type: 'FieldStruct<StreamSpecification>',
  children: {
    StreamEnabled: { type: 'Boolean', notNull: true },
    StreamViewType: { type: 'String', enum: ['NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY'] },
  },
};

const TAGS = {
  type: 'List',
  children: {
    type: 'ValueStruct<Tag>',
    notNull: true,
    children: { Key: { type: 'String', notNull: true }, Value: { type: 'String', notNull: true } },
  },
};

const TABLE_SETTINGS = {
  StreamSpecification: STREAM_SPECIFICATION,
  SSESpecification: {
    type: 'FieldStruct<SSESpecification>',
    children: { Enabled: 'Boolean', SSEType: { type: 'String', enum: ['AES256', 'KMS'] }, KMSMasterKeyId: 'String' },
  },
  DeletionProtectionEnabled: 'Boolean',
  TableClass: { type: 'String', enum: ['STANDARD', 'STANDARD_INFREQUENT_ACCESS'] },
  OnDemandThroughput: {
    type: 'FieldStruct<OnDemandThroughput>',
    children: { MaxReadRequestUnits: 'Long', MaxWriteRequestUnits: 'Long' },
  },
  WarmThroughput: {
    type: 'FieldStruct<WarmThroughput>',
    children: { ReadUnitsPerSecond: 'Long', WriteUnitsPerSecond: 'Long' },
  },
};

export const OPTIONAL_TABLE_NAME = {
  type: 'String',
  regex: '[a-zA-Z0-9_.-]+',
  lengthGreaterThanOrEqual: 3,
  lengthLessThanOrEqual: 255,
};

const TABLE_NAME = { ...OPTIONAL_TABLE_NAME, notNull: true };
const INDEX_NAME = TABLE_NAME;

const THROUGHPUT = {
  type: 'FieldStruct<ProvisionedThroughput>',
  children: {
    ReadCapacityUnits: { type: 'Long', notNull: true, greaterThanOrEqual: 1 },
    WriteCapacityUnits: { type: 'Long', notNull: true, greaterThanOrEqual: 1 },
  },
};

/** Of keys, and of what an index projects by name. */
const ATTRIBUTE_NAME = {
  type: 'String',
  notNull: true,
  lengthGreaterThanOrEqual: 1,
  lengthLessThanOrEqual: 255,
};

const keySchemaOf = (mostElements: number) => ({
  type: 'List',
  notNull: true,
  lengthGreaterThanOrEqual: 1,
  lengthLessThanOrEqual: mostElements,
  children: {
    type: 'ValueStruct<KeySchemaElement>',
    children: {
      AttributeName: ATTRIBUTE_NAME,
      KeyType: { type: 'String', notNull: true, enum: ['HASH', 'RANGE'] },
    },
  },
});

/** What the request may say at all; how many of each kind are too many is another rule. */
const INDEX_KEY_SCHEMA = keySchemaOf(16);

const PROJECTION = {
  type: 'FieldStruct<Projection>',
  notNull: true,
  children: {
    ProjectionType: { type: 'String', notNull: true, enum: ['ALL', 'INCLUDE', 'KEYS_ONLY'] },
    NonKeyAttributes: { type: 'List', lengthGreaterThanOrEqual: 1, children: ATTRIBUTE_NAME },
  },
};

/** AWS answers a missing type by a rule of its own. */
const CREATED_PROJECTION = {
  ...PROJECTION,
  children: { ...PROJECTION.children, ProjectionType: { type: 'String', enum: ['ALL', 'INCLUDE', 'KEYS_ONLY'] } },
};

const INDEX_UPDATES = {
  type: 'List',
  children: {
    type: 'ValueStruct<GlobalSecondaryIndexUpdate>',
    children: {
      Create: {
        type: 'FieldStruct<CreateGlobalSecondaryIndexAction>',
        children: {
          IndexName: INDEX_NAME,
          KeySchema: INDEX_KEY_SCHEMA,
          Projection: PROJECTION,
          ProvisionedThroughput: THROUGHPUT,
        },
      },
      Update: {
        type: 'FieldStruct<UpdateGlobalSecondaryIndexAction>',
        children: { IndexName: INDEX_NAME, ProvisionedThroughput: { ...THROUGHPUT, notNull: true } },
      },
      Delete: { type: 'FieldStruct<DeleteGlobalSecondaryIndexAction>', children: { IndexName: INDEX_NAME } },
    },
  },
};

const ATTRIBUTE_DEFINITIONS = {
  type: 'List',
  children: {
    type: 'ValueStruct<AttributeDefinition>',
    children: {
      AttributeName: ATTRIBUTE_NAME,
      AttributeType: { type: 'String', notNull: true, enum: ['S', 'N', 'B'] },
    },
  },
};

const createTable = shapeOf('createTable');

const indexesOf = (name: string, keySchema: object, more: object = {}) => ({
  type: 'List',
  children: {
    type: `ValueStruct<${name}>`,
    children: { IndexName: INDEX_NAME, KeySchema: keySchema, Projection: CREATED_PROJECTION, ...more },
  },
});

/** What requests for tables look like: dynalite's shapes, and what came to the API after them. */
export const TABLE_SHAPES = {
  CreateTable: {
    ...createTable,
    types: {
      ...createTable.types,
      ...TABLE_SETTINGS,
      AttributeDefinitions: { ...ATTRIBUTE_DEFINITIONS, notNull: true },
      KeySchema: keySchemaOf(2),
      LocalSecondaryIndexes: indexesOf('LocalSecondaryIndex', keySchemaOf(2)),
      GlobalSecondaryIndexes: indexesOf('GlobalSecondaryIndex', INDEX_KEY_SCHEMA, {
        ProvisionedThroughput: THROUGHPUT,
      }),
      Tags: TAGS,
      ResourcePolicy: 'String',
    },
    custom: (request, store) => createTableProblem(request as TableSchema, store),
  },
  UpdateTable: {
    types: {
      TableName: TABLE_NAME,
      AttributeDefinitions: ATTRIBUTE_DEFINITIONS,
      BillingMode: { type: 'String', enum: ['PROVISIONED', 'PAY_PER_REQUEST'] },
      ProvisionedThroughput: THROUGHPUT,
      GlobalSecondaryIndexUpdates: INDEX_UPDATES,
      ...TABLE_SETTINGS,
    },
  },
  DescribeTable: shapeOf('describeTable'),
  DeleteTable: shapeOf('deleteTable'),
  ListTables: shapeOf('listTables'),
  UpdateTimeToLive: {
    types: {
      TableName: TABLE_NAME,
      TimeToLiveSpecification: {
        type: 'FieldStruct<TimeToLiveSpecification>',
        notNull: true,
        children: {
          Enabled: { type: 'Boolean', notNull: true },
          AttributeName: { type: 'String', notNull: true, lengthGreaterThanOrEqual: 1, lengthLessThanOrEqual: 255 },
        },
      },
    },
  },
  DescribeTimeToLive: { types: { TableName: TABLE_NAME } },
  UpdateContinuousBackups: {
    types: {
      TableName: TABLE_NAME,
      PointInTimeRecoverySpecification: {
        type: 'FieldStruct<PointInTimeRecoverySpecification>',
        notNull: true,
        children: {
          PointInTimeRecoveryEnabled: { type: 'Boolean', notNull: true },
          RecoveryPeriodInDays: { type: 'Integer', greaterThanOrEqual: 1, lessThanOrEqual: 35 },
        },
      },
    },
  },
  DescribeContinuousBackups: { types: { TableName: TABLE_NAME } },
  TagResource: { types: { ResourceArn: { type: 'String', notNull: true }, Tags: { ...TAGS, notNull: true } } },
  UntagResource: {
    types: {
      ResourceArn: { type: 'String', notNull: true },
      TagKeys: { type: 'List', notNull: true, children: 'String' },
    },
  },
  ListTagsOfResource: { types: { ResourceArn: { type: 'String', notNull: true }, NextToken: 'String' } },
} as const satisfies Record<string, RequestShape>;
