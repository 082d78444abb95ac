import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createReaderRuntime, requireEnv, systemClock } from 'waybill/runtime';
import { createKeyRingStore } from '../keys/key-ring-store.ts';
import { createRsaKey } from '../keys/rsa-key.ts';
import { createSecretsManagerKeyRing } from '../keys/secrets-manager-key-ring.ts';
import { SIGNING_KEY_DAYS, SIGNING_KEYS_SECRET } from '../table.ts';
import { createRotateKeys } from './handler.ts';

const env = requireEnv(process.env, SIGNING_KEYS_SECRET, SIGNING_KEY_DAYS);
const { logger } = createReaderRuntime();

export const handler = createRotateKeys({
  keyRing: createKeyRingStore({
    secret: createSecretsManagerKeyRing(new SecretsManagerClient({})),
    secretName: env[SIGNING_KEYS_SECRET],
    clock: systemClock,
    newKey: createRsaKey,
    signingKeyDays: Number(env[SIGNING_KEY_DAYS]),
  }),
  logger,
});
