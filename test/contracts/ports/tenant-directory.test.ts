import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TENANTS_TABLE } from '../../../lib/definitions/index.ts';
import { createDynamoDbTenantReader, createTenantDirectory, type TenantDirectory } from '../../../lib/tenancy/index.ts';
import { createTestClock, type TestClock } from '../../fixtures/event-maker.ts';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';

interface Rig {
  readonly tenants: TenantDirectory;
  /** @param status undefined for a tenant that does not exist */
  set(tenantId: string, status: string | undefined): Promise<void>;
  /** Until a change is seen. */
  wait(): void;
}

function describeTenantDirectory(adapter: string, open: () => Promise<Rig>): void {
  describe(`TenantDirectory contract: ${adapter}`, () => {
    it('has an active tenant', async () => {
      const { tenants, set } = await open();
      await set('acme', 'active');

      expect(await tenants.isActive('acme')).toBe(true);
    });

    it.each(['suspended', 'Active', ''])('does not have a tenant whose status is %j', async (status) => {
      const { tenants, set } = await open();
      await set('acme', status);

      expect(await tenants.isActive('acme')).toBe(false);
    });

    it('does not have a tenant that does not exist', async () => {
      const { tenants, set } = await open();
      await set('globex', 'active');

      expect(await tenants.isActive('acme')).toBe(false);
    });

    it('follows a suspension, an activation and a deletion', async () => {
      const { tenants, set, wait } = await open();
      const seen: boolean[] = [];
      for (const status of ['active', 'suspended', 'active', undefined]) {
        await set('acme', status);
        wait();
        seen.push(await tenants.isActive('acme'));
      }

      expect(seen).toStrictEqual([true, false, true, false]);
    });
  });
}

const directoryOver = (read: (tenantId: string) => Promise<boolean>, clock: TestClock) => ({
  tenants: createTenantDirectory({ read, clock }),
  wait: () => clock.advance(30_000),
});

describeTenantDirectory('cached, over a map', async () => {
  const statuses = new Map<string, string | undefined>();
  return {
    ...directoryOver(async (tenantId) => statuses.get(tenantId) === 'active', createTestClock()),
    set: async (tenantId, status) => void statuses.set(tenantId, status),
  };
});

describe('with DynamoDB', () => {
  let engine: LocalDynamoDb;
  let run = 0;

  beforeAll(async () => {
    engine = await startLocalDynamoDb();
  });

  afterAll(() => engine.close());

  describeTenantDirectory('cached, over the table', async () => {
    const tableName = `tenants-${++run}`;
    const { client } = engine;
    await engine.createTable(tableName, TENANTS_TABLE);
    return {
      ...directoryOver(createDynamoDbTenantReader({ client, tableName }), createTestClock()),
      async set(tenantId, status) {
        const Key = { tenantId: { S: tenantId } };
        await (status === undefined
          ? client.send(new DeleteItemCommand({ TableName: tableName, Key }))
          : client.send(new PutItemCommand({ TableName: tableName, Item: { ...Key, status: { S: status } } })));
      },
    };
  });
});
