import { Validations } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { TableAttribute, TableIndex, TableSchema } from '../../lib/definitions/index.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { assertGivenAt } from './assert-props.ts';
import { tableRemovalPolicyOf } from './removal-policy.ts';
import { addTableAlarms } from './table-alarms.ts';

/**
 * Creates the table of a schema: on-demand, encrypted, with the protection that the settings require.
 *
 * Not `TableV2`: the stream of a global table supports one reader, this one two.
 */
export function tableFrom(scope: Construct, id: string, schema: TableSchema, settings: EnvironmentSettings): Table {
  assertGivenAt('tableFrom', `${scope.node.path}/${id}`, { schema, settings }, 'schema', 'settings');
  const table = new Table(scope, id, {
    partitionKey: toAttribute(schema.partitionKey),
    ...(schema.sortKey === undefined ? {} : { sortKey: toAttribute(schema.sortKey) }),
    ...(schema.timeToLiveAttribute === undefined ? {} : { timeToLiveAttribute: schema.timeToLiveAttribute }),
    ...(schema.stream === undefined ? {} : { stream: StreamViewType[schema.stream] }),
    billingMode: BillingMode.PAY_PER_REQUEST,
    // the AWS owned key: always on, without KMS calls, costs or throttling
    encryption: TableEncryption.DEFAULT,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: settings.pointInTimeRecovery },
    deletionProtection: settings.deletionProtection,
    removalPolicy: tableRemovalPolicyOf(settings),
  });
  for (const index of schema.indexes ?? []) {
    table.addGlobalSecondaryIndex({
      indexName: index.name,
      partitionKey: toAttribute(index.partitionKey),
      ...(index.sortKey === undefined ? {} : { sortKey: toAttribute(index.sortKey) }),
      ...projectionOf(index),
    });
  }
  addTableAlarms(table, schema, settings);
  if (!settings.pointInTimeRecovery) {
    Validations.of(table).acknowledge({
      id: 'AwsSolutions-DDB3',
      reason: "This environment's settings turn point-in-time recovery off: its data may be thrown away.",
    });
  }
  return table;
}

function projectionOf({ projects }: TableIndex) {
  if (projects === undefined) return {};
  if (projects.length === 0) return { projectionType: ProjectionType.KEYS_ONLY };
  return { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...projects] };
}

const toAttribute = ({ name, type }: TableAttribute): Attribute => ({
  name,
  type: type === 'S' ? AttributeType.STRING : AttributeType.NUMBER,
});
