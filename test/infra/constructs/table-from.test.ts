import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, it } from 'vitest';
import { tableFrom } from '../../../infra/constructs/table-from.ts';
import type { EnvironmentSettings } from '../../../infra/settings.ts';
import { outboxTableWith, type TableSchema } from '../../../lib/definitions/index.ts';
import { createStack, settingsWith } from '../test-stack.ts';

const ORDERS: TableSchema = { partitionKey: { name: 'orderId', type: 'S' } };

const synthesize = (schema: TableSchema, changes: Partial<EnvironmentSettings> = {}): Template => {
  const stack = createStack();
  tableFrom(stack, 'Table', schema, settingsWith(changes));
  return Template.fromStack(stack);
};

describe('tableFrom', () => {
  it('creates the keys, the expiry and the stream of the schema', () => {
    const template = synthesize({
      partitionKey: { name: 'group', type: 'S' },
      sortKey: { name: 'place', type: 'N' },
      timeToLiveAttribute: 'until',
      stream: 'NEW_IMAGE',
    });

    template.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: 'group', KeyType: 'HASH' },
        { AttributeName: 'place', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'group', AttributeType: 'S' },
        { AttributeName: 'place', AttributeType: 'N' },
      ],
      TimeToLiveSpecification: { AttributeName: 'until', Enabled: true },
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    });
  });

  it('creates an index that holds keys only', () => {
    const template = synthesize(outboxTableWith('id'));

    template.hasResourceProperties('AWS::DynamoDB::Table', {
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-id',
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    });
  });

  it('creates no sort key, expiry or stream that the schema does not have', () => {
    const template = synthesize(ORDERS);

    template.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [{ AttributeName: 'orderId', KeyType: 'HASH' }],
      TimeToLiveSpecification: Match.absent(),
      StreamSpecification: Match.absent(),
    });
  });

  it('bills on demand', () => {
    const template = synthesize(ORDERS);

    template.hasResourceProperties('AWS::DynamoDB::Table', { BillingMode: 'PAY_PER_REQUEST' });
  });

  it('protects the data as the settings specify', () => {
    const template = synthesize(ORDERS, {
      pointInTimeRecovery: true,
      deletionProtection: true,
      removalPolicy: 'retain',
    });

    template.hasResource('AWS::DynamoDB::Table', {
      Properties: {
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
      },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });
});
