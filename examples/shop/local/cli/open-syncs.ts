import { selectEnvironment } from '../../../../infra/environments.ts';
import { createOwnedReader } from '../invariants/owned-items.ts';
import type { CallFunction } from '../orders/function-calls.ts';
import { createSyncDriver, type SyncDriver } from '../syncs/sync-driver.ts';
import { readSyncFacts } from '../syncs/sync-facts.ts';
import { createSyncRequests } from '../syncs/sync-requests.ts';
import type { RunOptions } from './options.ts';
import type { ShopRun } from './start-shop.ts';
import { webhookTarget } from './webhook-target.ts';

export interface OpenSyncsDeps {
  readonly call: CallFunction;
  /** Waits until nothing moves. */
  readonly settle: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** What drives the syncs of a run; undefined for a shop without them. */
export function openSyncs(
  { environment }: Pick<RunOptions, 'environment'>,
  { run, clients, topology, shop, external, context, settings: { tenantIds } }: ShopRun,
  { call, settle, signal }: OpenSyncsDeps,
): SyncDriver | undefined {
  const { syncs } = shop;
  if (syncs === undefined) return undefined;
  const { tenancy: tenancyMode, outboxRetentionDays } = selectEnvironment(context).settings;
  const reader = createOwnedReader(clients.dynamoDb, { hasTenants: tenancyMode === 'required' });
  return createSyncDriver({
    suppliers: external.suppliers,
    target: webhookTarget(run, {
      name: 'supplier-b',
      url: syncs.supplierWebhookUrl,
      secretArn: syncs.supplierWebhookSecretArn,
      tenantIds,
      environment,
    }),
    endFaults: external.endFeedFaults,
    requests: createSyncRequests({
      client: clients.dynamoDb,
      topology,
      tenancyMode,
      outboxRetentionDays,
      clock: run.clock,
    }),
    readRuns: async () => (await readSyncFacts(reader.read, syncs.tableNames)).runs,
    call,
    connectFunctionName: syncs.connectSupplierFunctionName,
    receiveStockFunctionName: shop.receiveStockFunctionName,
    tenantIds,
    settle,
    signal,
  });
}
