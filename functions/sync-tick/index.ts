import { ENV, readDeployedSync } from '../../lib/definitions/index.ts';
import { createProducerRuntime } from '../../lib/runtime/producer-runtime.ts';
import { createTuning } from '../../lib/runtime/tuned-settings.ts';
import { requireEnv } from '../../lib/shared/require-env.ts';
import { systemClock } from '../../lib/shared/time.ts';
import { createSyncTick, parseSyncItem, SYNC_TABLE, SYNC_TABLE_NAME } from '../../lib/sync/index.ts';
import { createSyncTickHandler } from './handler.ts';

const env = requireEnv(process.env, SYNC_TABLE_NAME, ENV.sync);
const sync = readDeployedSync(env) ?? { name: '', providers: {} };
const { outbox, tenancy, table, logger, metrics } = createProducerRuntime(process.env);

const tick = createSyncTick({
  ...sync,
  table: table(SYNC_TABLE, env[SYNC_TABLE_NAME], parseSyncItem),
  tenancy,
  outbox,
  clock: systemClock,
  logger,
  metrics,
});

export const handler = createSyncTickHandler({
  tick,
  clock: systemClock,
  tuning: createTuning(process.env, { logger, metrics }, (tuning) => tuning),
  logger,
  metrics,
});
