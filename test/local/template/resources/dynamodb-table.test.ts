import { describe, expect, it } from 'vitest';
import { deployed } from '../deployed.ts';

const KEYS = {
  TableName: 'outbox',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
};

const SETTINGS = {
  DeletionProtectionEnabled: true,
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: 'true', RecoveryPeriodInDays: 7 },
  Tags: [{ Key: 'team', Value: 'orders' }],
};

describe('a table of a template', () => {
  it.each([
    ['AWS::DynamoDB::Table', { ...KEYS, ...SETTINGS }],
    ['AWS::DynamoDB::GlobalTable', { ...KEYS, Replicas: [{ Region: 'us-east-1', ...SETTINGS }] }],
  ])('of type %s keeps its protection, its backups and its tags', async (Type, Properties) => {
    const { calls } = await deployed({ Outbox: { Type, Properties } });

    expect(calls).toEqual([
      {
        operation: 'CreateTable',
        input: {
          ...KEYS,
          BillingMode: 'PAY_PER_REQUEST',
          DeletionProtectionEnabled: true,
          Tags: [{ Key: 'team', Value: 'orders' }],
        },
      },
      {
        operation: 'UpdateContinuousBackups',
        input: {
          TableName: 'outbox',
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7 },
        },
      },
    ]);
  });

  it('requests no backups if the template requests none', async () => {
    const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: false };

    const { calls } = await deployed({
      Outbox: { Type: 'AWS::DynamoDB::Table', Properties: { ...KEYS, PointInTimeRecoverySpecification } },
    });

    expect(calls.map(({ operation }) => operation)).toEqual(['CreateTable']);
  });
});
