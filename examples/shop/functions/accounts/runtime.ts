import { randomBytes, randomUUID } from 'node:crypto';
import { createClientLimiter } from 'waybill/http';
import { type ApiRuntime, createSecretsReader, requireEnv } from 'waybill/runtime';
import { accountItemSchema } from './account.ts';
import { createAttemptLimits } from './attempt-limits.ts';
import { createKeyedHash } from './keyed-hash.ts';
import { createPasswordHasher } from './password-hasher.ts';
import { createRealm } from './realm.ts';
import { createRegistrations } from './registration.ts';
import {
  ACCOUNTS_KEY_SECRET,
  ACCOUNTS_TABLE,
  ACCOUNTS_TABLE_NAME,
  PASSWORD_MEMORY_KIB,
  PASSWORD_PASSES,
} from './table.ts';

/** What both APIs of the accounts are made of. Called once per container, in `index.ts`. */
export function createAccountsRuntime(runtime: ApiRuntime, environment: NodeJS.ProcessEnv) {
  const env = requireEnv(environment, ACCOUNTS_TABLE_NAME, ACCOUNTS_KEY_SECRET, PASSWORD_MEMORY_KIB, PASSWORD_PASSES);
  const { clock, tenancy, usage, logger } = runtime;
  const table = runtime.table(ACCOUNTS_TABLE, env[ACCOUNTS_TABLE_NAME], accountItemSchema);
  const reader = createSecretsReader();
  const keyedHash = createKeyedHash({ reader, clock }, env[ACCOUNTS_KEY_SECRET]);
  const hasher = createPasswordHasher({
    memory: Number(env[PASSWORD_MEMORY_KIB]),
    passes: Number(env[PASSWORD_PASSES]),
  });
  const limiter = createClientLimiter({
    usage,
    clock,
    onUnavailable: (error) => logger.error('attempts cannot be counted, and are admitted', { error }),
  });
  return {
    table,
    reader,
    keyedHash,
    hasher,
    realm: createRealm(tenancy),
    registrations: createRegistrations({ table, hasher, keyedHash, clock, newId: randomUUID }),
    assertAllowed: createAttemptLimits(limiter, keyedHash),
    newId: randomUUID,
    newSecret: () => randomBytes(32).toString('base64url'),
  };
}
