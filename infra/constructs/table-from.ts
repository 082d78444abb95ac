import { Validations } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  BillingMode,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { TableAttribute, TableSchema } from '../../lib/definitions/index.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { tableRemovalPolicyOf } from './removal-policy.ts';
import { addTableAlarms } from './table-alarms.ts';

/**
 * Creates the table that code queries by the same schema: on-demand, encrypted, as well guarded as the settings say.
 *
 * Not `TableV2`: a global table's stream takes one reader, this one's takes two.
 */
export function tableFrom(scope: Construct, id: string, schema: TableSchema, settings: EnvironmentSettings): Table {
  const table = new Table(scope, id, {
    partitionKey: toAttribute(schema.partitionKey),
    ...(schema.sortKey === undefined ? {} : { sortKey: toAttribute(schema.sortKey) }),
    ...(schema.timeToLiveAttribute === undefined ? {} : { timeToLiveAttribute: schema.timeToLiveAttribute }),
    ...(schema.stream === undefined ? {} : { stream: StreamViewType[schema.stream] }),
    billingMode: BillingMode.PAY_PER_REQUEST,
    // the key that AWS owns: always on, and no KMS call to pay for or to be throttled by
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

const toAttribute = ({ name, type }: TableAttribute): Attribute => ({
  name,
  type: type === 'S' ? AttributeType.STRING : AttributeType.NUMBER,
});
