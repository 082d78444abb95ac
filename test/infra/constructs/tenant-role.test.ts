import { Match, Template } from 'aws-cdk-lib/assertions';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { AccountPrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import { tableFrom } from '../../../infra/constructs/table-from.ts';
import { TENANT_OF_PRINCIPAL, TenantRole, type TenantTableGrant } from '../../../infra/constructs/tenant-role.ts';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import { createStack, settingsWith } from '../test-stack.ts';

const ORDERS = {
  partitionKey: { name: 'orderId', type: 'S' },
  indexes: [{ name: 'byCustomer', partitionKey: { name: 'customer', type: 'S' } }],
} as const satisfies TableSchema;

interface Wanted {
  readonly tenant: string;
  readonly schema?: TableSchema;
  readonly actions?: NonNullable<TenantTableGrant['actions']>;
}

function synthesize({ tenant, schema = ORDERS, actions }: Wanted): Template {
  const stack = createStack();
  const table = tableFrom(stack, 'Orders', ORDERS, settingsWith());
  new TenantRole(stack, 'Tenant', {
    tenant,
    assumedBy: new AccountPrincipal('111122223333'),
    tables: [{ table, schema, ...(actions !== undefined && { actions }) }],
  });
  return Template.fromStack(stack);
}

const statement = (expected: object) => ({
  PolicyDocument: Match.objectLike({ Statement: [Match.objectLike(expected)] }),
});

describe('a TenantRole', () => {
  it('can access only the items of its tenant, in the table and in its indexes', () => {
    const template = synthesize({ tenant: 'acme' });

    template.hasResourceProperties(
      'AWS::IAM::Policy',
      statement({
        Effect: 'Allow',
        Action: ['BatchGetItem', 'ConditionCheckItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'].map(
          (action) => `dynamodb:${action}`,
        ),
        Resource: [
          { 'Fn::GetAtt': [Match.stringLikeRegexp('^Orders'), 'Arn'] },
          { 'Fn::Join': ['', [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^Orders'), 'Arn'] }, '/index/byCustomer']] },
        ],
        Condition: {
          'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['acme#*'] },
          Null: { 'dynamodb:LeadingKeys': 'false' },
        },
      }),
    );
  });

  it('allows only the requested actions', () => {
    const template = synthesize({ tenant: 'acme', actions: ['GetItem'] });

    template.hasResourceProperties('AWS::IAM::Policy', statement({ Action: 'dynamodb:GetItem' }));
  });

  it('uses the tenant of the session if one role serves all tenants', () => {
    const template = synthesize({ tenant: TENANT_OF_PRINCIPAL });

    template.hasResourceProperties(
      'AWS::IAM::Policy',
      statement({
        Condition: Match.objectLike({
          // biome-ignore lint/suspicious/noTemplateCurlyInString: IAM fills it in
          'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['${aws:PrincipalTag/tenant}#*'] },
        }),
      }),
    );
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: Match.objectLike({
        Statement: [Match.objectLike({ Action: ['sts:AssumeRole', 'sts:TagSession'] })],
      }),
    });
  });

  it('can use the customer key of a table if its actions need it', () => {
    const stack = createStack();
    const table = new Table(stack, 'Orders', {
      partitionKey: { name: 'orderId', type: AttributeType.STRING },
      encryptionKey: new Key(stack, 'OrdersKey'),
    });

    new TenantRole(stack, 'Tenant', {
      tenant: 'acme',
      assumedBy: new AccountPrincipal('111122223333'),
      tables: [{ table, schema: { partitionKey: { name: 'orderId', type: 'S' } }, actions: ['GetItem'] }],
    });

    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['kms:Decrypt', 'kms:DescribeKey'],
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^OrdersKey'), 'Arn'] },
            Condition: { StringEquals: { 'kms:ViaService': Match.anyValue() } },
          }),
        ]),
      },
    });
  });

  it.each(['*', 'acme*', 'Acme', '', 'acme#'])('rejects %j as a tenant', (tenant) => {
    expect(() => synthesize({ tenant })).toThrow(
      expect.objectContaining({
        code: 'WIRING_INVALID',
        message: `TenantRole 'Test/Tenant' cannot be built:\n  - tenant must be TENANT_OF_PRINCIPAL or 1 to 40 lower-case letters, digits and '-', not starting with '-', got '${tenant}'`,
      }),
    );
  });

  it('rejects a table with a numeric partition key', () => {
    const schema = { partitionKey: { name: 'day', type: 'N' } } as const;

    expect(() => synthesize({ tenant: 'acme', schema })).toThrow(
      expect.objectContaining({
        code: 'WIRING_INVALID',
        message: expect.stringContaining(
          "schema must begin with a string, and so must its indexes, got the number 'day'",
        ),
      }),
    );
  });
});
