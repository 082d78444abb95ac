import type { ProducerRuntime } from '../../../lib/runtime/public.ts';
import { requireEnv } from '../../../lib/shared/require-env.ts';
import { systemClock } from '../../../lib/shared/time.ts';
import { createDynamoDbTenantReader, createTenantDirectory } from '../../../lib/tenancy/index.ts';

export const tenants = ({ client }: Pick<ProducerRuntime, 'client'>) =>
  createTenantDirectory({
    read: createDynamoDbTenantReader({
      client,
      tableName: requireEnv(process.env, 'TENANTS_TABLE_NAME').TENANTS_TABLE_NAME,
    }),
    clock: systemClock,
    cacheSeconds: 1,
  });
