import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { App, Stack } from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TENANT_OF_PRINCIPAL, tenantTableStatement } from '../../../infra/constructs/tenant-role.ts';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import { createDynamoDbOutboxStore, createOutbox } from '../../../lib/outbox/index.ts';
import { createDynamoDbTableStore, createTenancy, createTenantTable } from '../../../lib/tenancy/index.ts';
import { type IamRig, openIamRig, TABLE_ARN } from '../../contracts/engines/iam-rig.ts';
import { createCountingIds, createTestClock } from '../../fixtures/event-maker.ts';
import { createRecordingAudit } from '../../lib/tenancy/recording-audit.ts';

const ORDERS = {
  partitionKey: { name: 'pk', type: 'S' },
  indexes: [{ name: 'byStatus', partitionKey: { name: 'status', type: 'S' } }],
} as const satisfies TableSchema;

let rig: IamRig;

beforeEach(async () => {
  rig = await openIamRig();
});

afterEach(() => rig[Symbol.asyncDispose]());

const statementFor = (tenant: string): object => {
  const table = Table.fromTableArn(new Stack(new App(), 'Test'), 'Orders', TABLE_ARN);
  return tenantTableStatement({ table, schema: ORDERS }, tenant).toStatementJson() as object;
};

/** The table as code sees it that has these clients. */
function ordersWith({ dynamoDb: client }: Pick<ReturnType<IamRig['role']>, 'dynamoDb'>) {
  const tenancy = createTenancy({ mode: 'required', audit: createRecordingAudit() });
  const outbox = createOutbox({
    store: createDynamoDbOutboxStore({ client, outboxTableName: 'Outbox', pendingTableName: 'Pending' }),
    clock: createTestClock(),
    ids: createCountingIds(),
    sleep: async () => undefined,
    random: () => 0,
    retentionSeconds: 60,
    tenancy,
  });
  const store = createDynamoDbTableStore(client);
  const parse = (item: unknown) => item as Readonly<Record<string, unknown>>;
  return {
    ...tenancy,
    orders: createTenantTable({ store, outbox, tenancy, tableName: 'Orders', schema: ORDERS, parse }),
  };
}

const DENIED = { name: 'AccessDeniedException' };

describe.each([
  ['names its tenant', 'acme', undefined],
  ['has its tenant as a tag', TENANT_OF_PRINCIPAL, { tenant: 'acme' }],
])('a tenant’s role that %s', (_, tenant, tags) => {
  const acme = () => ordersWith(rig.taggedRole('acme-reports', tags, statementFor(tenant)));

  it('allows every operation of a tenant table for its own tenant', async () => {
    const { orders, runAsTenant } = acme();
    const Key = { pk: '1001' };

    const seen = await runAsTenant('acme', async () => {
      await orders.put({ Item: { ...Key, status: 'paid' } });
      await orders.update({
        Key,
        UpdateExpression: 'SET note = :note',
        ExpressionAttributeValues: { ':note': 'soon' },
      });
      await orders.transact((writes) => {
        writes.conditionCheck({ Key, ConditionExpression: 'attribute_exists(pk)' });
        writes.put({ Item: { pk: '1002' } });
      });
      await orders.delete({ Key: { pk: '1002' } });
      const { items } = await orders.query({ indexName: 'byStatus', partition: 'paid' });
      return [await orders.get(Key), items.length, (await orders.query({ partition: '1001' })).items.length];
    });

    expect(seen).toStrictEqual([{ pk: '1001', status: 'paid', note: 'soon' }, 1, 1]);
  });

  it.each(['globex', 'acme-2'])('is refused the items of %s even if its code asks for them', async (other) => {
    const { orders, runAsTenant } = acme();
    const asOther = <Value>(work: () => Promise<Value>) => runAsTenant(other, work);

    await expect(asOther(() => orders.get({ pk: '1001' }))).rejects.toMatchObject(DENIED);
    await expect(asOther(() => orders.query({ partition: '1001' }))).rejects.toMatchObject(DENIED);
    await expect(asOther(() => orders.query({ indexName: 'byStatus', partition: 'paid' }))).rejects.toMatchObject(
      DENIED,
    );
    await expect(asOther(() => orders.put({ Item: { pk: '1001' } }))).rejects.toMatchObject(DENIED);
    await expect(asOther(() => orders.delete({ Key: { pk: '1001' } }))).rejects.toMatchObject(DENIED);
  });

  it('is refused a whole transaction if a part of it belongs to another tenant', async () => {
    const { orders, withoutTenant, runAsTenant } = acme();

    const both = withoutTenant('a mistake', () =>
      orders.transact((writes) => {
        writes.put({ Item: { pk: 'acme#1001' } });
        writes.put({ Item: { pk: 'globex#1001' } });
      }),
    );

    await expect(both).rejects.toMatchObject(DENIED);
    expect(await runAsTenant('acme', () => orders.get({ pk: '1001' }))).toBeUndefined();
  });

  it('is refused a scan, and keys without a tenant', async () => {
    const { orders, withoutTenant } = acme();
    const { dynamoDb } = rig.taggedRole('acme-reports', tags, statementFor(tenant));

    await expect(withoutTenant('a mistake', () => orders.get({ pk: '1001' }))).rejects.toMatchObject(DENIED);
    await expect(dynamoDb.send(new ScanCommand({ TableName: 'Orders' }))).rejects.toMatchObject(DENIED);
  });
});

describe('a role for the tenant of its tag', () => {
  it('is refused everything without the tag', async () => {
    const { orders, runAsTenant, withoutTenant } = ordersWith(
      rig.taggedRole('untagged', undefined, statementFor(TENANT_OF_PRINCIPAL)),
    );

    await expect(runAsTenant('acme', () => orders.get({ pk: '1001' }))).rejects.toMatchObject(DENIED);
    await expect(withoutTenant('a mistake', () => orders.get({ pk: '#1001' }))).rejects.toMatchObject(DENIED);
  });
});
