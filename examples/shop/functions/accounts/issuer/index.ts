import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { api, requireEnv } from 'waybill/runtime';
import { createAccessTokens } from '../access-token.ts';
import { createKeyRingStore } from '../keys/key-ring-store.ts';
import { createRsaKey } from '../keys/rsa-key.ts';
import { createSecretsManagerKeyRing } from '../keys/secrets-manager-key-ring.ts';
import { createMachineClients } from '../machine-clients.ts';
import { createRefreshFamilies } from '../refresh-family.ts';
import { createAccountsRuntime } from '../runtime.ts';
import {
  ACCESS_TOKEN_SECONDS,
  ACCOUNTS_AUDIENCE,
  ACCOUNTS_ISSUER,
  OPERATOR_SECRET,
  SIGNING_KEY_DAYS,
  SIGNING_KEYS_SECRET,
} from '../table.ts';
import { createIssuerHandlers } from './handler.ts';
import { issuerApi } from './routes.ts';

const env = requireEnv(
  process.env,
  ACCOUNTS_ISSUER,
  ACCOUNTS_AUDIENCE,
  ACCESS_TOKEN_SECONDS,
  SIGNING_KEY_DAYS,
  SIGNING_KEYS_SECRET,
  OPERATOR_SECRET,
);

export const handler = api(issuerApi, (runtime) => {
  const { clock, outbox } = runtime;
  const accounts = createAccountsRuntime(runtime, process.env);
  const { table, keyedHash, reader, newId, newSecret } = accounts;
  const issuer = env[ACCOUNTS_ISSUER];
  const keyRing = createKeyRingStore({
    secret: createSecretsManagerKeyRing(new SecretsManagerClient({})),
    secretName: env[SIGNING_KEYS_SECRET],
    clock,
    newKey: createRsaKey,
    signingKeyDays: Number(env[SIGNING_KEY_DAYS]),
  });

  return createIssuerHandlers({
    ...accounts,
    families: createRefreshFamilies({ table, outbox, keyedHash, clock, newSecret }),
    authenticateClient: createMachineClients({
      table,
      reader,
      clock,
      operatorSecretName: env[OPERATOR_SECRET],
    }),
    keyRing,
    issueAccessToken: createAccessTokens({
      keyRing,
      clock,
      newId,
      issuer,
      audience: env[ACCOUNTS_AUDIENCE],
      lifetimeSeconds: Number(env[ACCESS_TOKEN_SECONDS]),
    }),
    clock,
    issuer,
  });
});
