import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DisableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { SyncMode } from 'waybill';
import { createMovableClock } from '../../../../../local/clock.ts';
import { driveTime } from '../../../../../local/drive-time.ts';
import { readTopology } from '../../../../../local/ledger/topology.ts';
import { type LocalRun, startLocalRun } from '../../../../../local/run.ts';
import { createAppBuilder } from '../../../../../local/start/app-builder.ts';
import { createTemporaryFolder } from '../../../../../local/temporary-folder.ts';
import { type Product, productSchema } from '../../../functions/catalog/product.ts';
import { PRODUCTS_TABLE } from '../../../functions/catalog/table.ts';
import { productSync } from '../../../functions/product-sync/sync.ts';
import { stockSync } from '../../../functions/stock-sync/sync.ts';
import { PROJECT_FOLDER } from '../../../local/cli/project-folder.ts';
import { webhookTarget } from '../../../local/cli/webhook-target.ts';
import { type ExternalServices, openExternalServices } from '../../../local/external/external-services.ts';
import type { TellingFault } from '../../../local/external/suppliers/supplier-faults.ts';
import type { AccountFeeds } from '../../../local/external/suppliers/suppliers.ts';
import { createOwnedReader } from '../../../local/invariants/owned-items.ts';
import { createFunctionCalls } from '../../../local/orders/function-calls.ts';
import { findShop } from '../../../local/orders/shop.ts';
import { readSyncFacts, type SyncFacts } from '../../../local/syncs/sync-facts.ts';
import { createSyncRequests } from '../../../local/syncs/sync-requests.ts';

/** The shop with its syncs at work, and one account at the suppliers for each tenant. */
export interface SyncedShop extends AsyncDisposable {
  readonly run: LocalRun;
  readonly external: ExternalServices;
  /** Opens a tenant's account at both suppliers, and connects the shop with supplier B. */
  connect(tenantId: string): Promise<AccountFeeds>;
  /** Asks for a run, waits until nothing moves, and returns it. */
  sync(tenantId: string, provider: 'supplier-a' | 'supplier-b', mode: SyncMode): Promise<SyncFacts['runs'][number]>;
  /** Asks for a run. @returns its id */
  request(tenantId: string, provider: 'supplier-a' | 'supplier-b', mode: SyncMode): Promise<string>;
  /** Reads supplier B's list of the tenant's stock, and waits until nothing moves. */
  syncStock(tenantId: string): Promise<void>;
  /** Receives goods, and waits until nothing moves. */
  receive(
    tenantId: string,
    receipt: { readonly receiptId: string; readonly sku: string; readonly quantity: number },
  ): Promise<void>;
  approve(run: SyncFacts['runs'][number]): Promise<void>;
  settle(): Promise<void>;
  /** The next messages of supplier B are disturbed so, one after the other. */
  disturbTelling(...faults: readonly (TellingFault | undefined)[]): void;
  facts(tenantId: string): Promise<SyncFacts>;
  /** SKUs of the tenant's catalog, with names. */
  catalog(tenantId: string): Promise<Readonly<Record<string, Product>>>;
}

const TIMEOUT_MS = 240_000;

export async function startSyncedShop(tenantIds: readonly string[]): Promise<SyncedShop> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(createTemporaryFolder());
  const clock = createMovableClock();
  const telling: (TellingFault | undefined)[] = [];
  const external = await openExternalServices({
    clock,
    supplierChaos: { ofRequest: () => undefined, ofTelling: () => telling.shift() },
  });
  opened.defer(external.close);
  const context = {
    ...external.context,
    ...external.supplierContext,
    'shop:sync': 'on',
    'setting:tenancy': 'required',
  };
  const assemblyFolder = join(folder.path, 'assembly');
  const builder = opened.use(createAppBuilder({ release: false, folder: folder.path }));
  await builder.build({
    projectFolder: PROJECT_FOLDER,
    outputFolder: assemblyFolder,
    context,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const run = await startLocalRun({ assemblyFolder, clock, log: () => undefined });
  opened.defer(run.close);
  const options = {
    endpoint: run.endpointUrl,
    region: run.region,
    credentials: { accessKeyId: 'administrator', secretAccessKey: 'secret' },
  };
  const dynamoDb = new DynamoDBClient(options);
  const lambda = new LambdaClient(options);
  opened.defer(() => [dynamoDb, lambda].forEach((client) => void client.destroy()));
  const shop = findShop(run.deployment);
  const { syncs } = shop;
  if (syncs === undefined) throw new Error('the shop has no syncs');
  const call = createFunctionCalls(lambda);
  const requests = createSyncRequests({
    client: dynamoDb,
    topology: await readTopology(run.deployment, lambda),
    tenancyMode: 'required',
    outboxRetentionDays: 30,
    clock: run.clock,
  });
  // a run that begins by itself would take what a test looks for
  const eventBridge = new EventBridgeClient(options);
  opened.defer(() => eventBridge.destroy());
  for (const { ruleName, busName, scheduleExpression } of run.deployment.rules) {
    if (scheduleExpression === undefined) continue;
    await eventBridge.send(new DisableRuleCommand({ Name: ruleName, EventBusName: busName }));
  }
  const { suppliers } = external;
  await suppliers.sender.connect(
    webhookTarget(run, {
      name: 'supplier-b',
      url: syncs.supplierWebhookUrl,
      secretArn: syncs.supplierWebhookSecretArn,
      tenantIds,
      environment: 'dev',
    }),
  );
  const { read } = createOwnedReader(dynamoDb, { hasTenants: true });
  const facts = async (tenantId: string): Promise<SyncFacts> => {
    const { runs, records, items } = await readSyncFacts(read, syncs.tableNames);
    const isOwn = (each: { readonly tenantId: string | undefined }) => each.tenantId === tenantId;
    return { runs: runs.filter(isOwn), records: records.filter(isOwn), items: items.filter(isOwn) };
  };
  const settle = async () => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    await suppliers.sender.idle(signal);
    await driveTime(run, { signal });
  };
  const request: SyncedShop['request'] = (tenantId, provider, mode) =>
    requests.run(tenantId, productSync, { provider, mode });
  const open = opened.move();
  return {
    run,
    external,
    async connect(tenantId) {
      const feeds = suppliers.open(tenantId);
      const command = { tenantId, code: suppliers.tokens.newCode(tenantId) };
      const result = await call(syncs.connectSupplierFunctionName, command, AbortSignal.timeout(TIMEOUT_MS));
      if (result.kind === 'failed') throw new Error(result.reason);
      return feeds;
    },
    request,
    async sync(tenantId, provider, mode) {
      const runId = await request(tenantId, provider, mode);
      await settle();
      const { runs } = await facts(tenantId);
      const found = runs.find((each) => each.runId === runId);
      if (found === undefined) throw new Error(`run ${runId} of ${provider} was not run`);
      return found;
    },
    async syncStock(tenantId) {
      await requests.run(tenantId, stockSync, { provider: 'supplier-b', mode: 'increment' });
      await settle();
    },
    async receive(tenantId, receipt) {
      const command = { ...receipt, tenantId };
      const result = await call(shop.receiveStockFunctionName, command, AbortSignal.timeout(TIMEOUT_MS));
      if (result.kind === 'failed') throw new Error(result.reason);
      await settle();
    },
    approve: (waiting) => requests.approve(waiting.tenantId, productSync, waiting),
    settle,
    disturbTelling: (...faults) => void telling.push(...faults),
    facts,
    async catalog(tenantId) {
      const tableName = shop.productsTableName;
      const owned = await read({ tableName, schema: PRODUCTS_TABLE, parse: (item) => productSchema.parse(item) });
      return Object.fromEntries(owned.filter((each) => each.tenantId === tenantId).map(({ item }) => [item.sku, item]));
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
