import { createDynamoDbEventLog } from '../consumer/index.ts';
import { createDynamoDbOutboxLog, createDynamoDbPendingTable } from '../outbox/index.ts';
import { addMs, type EpochMs } from '../shared/time.ts';
import type { DeployedConsumer } from './deployment.ts';
import { createDynamoDbLog } from './dynamodb-log.ts';
import { createDynamoDbMarkerReader } from './dynamodb-marker-reader.ts';
import { createDynamoDbReconcileStore } from './dynamodb-reconcile-store.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { ReconciledConsumer } from './reconcile.ts';
import type { ReconcileRunDeps } from './reconcile-run.ts';
import { historyOf, type ReconciledConsumerDeps, reconciledConsumer } from './reconciled-consumer.ts';
import { recordTakenTypes, takenSince } from './taken-types.ts';

/** The tables of a hub. */
export interface HubTables {
  readonly outboxTableName: string;
  readonly pendingTableName: string;
  readonly inboxTableName: string;
}

export interface ReconcileDeploymentDeps extends ReconciledConsumerDeps {
  readonly tables: HubTables;
  /** All consumers of the environment that are deployed now, whether they have run or not. */
  readonly deployed: () => Promise<readonly DeployedConsumer[]>;
  readonly readLimiter: RateLimiter;
  /**
   * How long after a consumer, or a type of it, was deployed its rule may have come: events that were committed until then
   * were perhaps never sent to it.
   */
  readonly deploymentMs: number;
}

/** What a run of the reconciliation needs, over the tables and queues of an environment. */
export function reconcileDeployment(deps: ReconcileDeploymentDeps): ReconcileRunDeps {
  const { dynamoDb: client, clock, sleep, tables, readLimiter } = deps;
  const { outboxTableName, pendingTableName, inboxTableName } = tables;
  const log = createDynamoDbLog({ client, outboxTableName });
  const store = createDynamoDbReconcileStore({ client, tableName: inboxTableName, clock });
  return {
    walker: log,
    log,
    places: createDynamoDbEventLog({ client, outboxTableName }),
    markers: createDynamoDbMarkerReader({ client, pendingTableName, sleep, random: deps.random }),
    pending: createDynamoDbPendingTable({ client, tableName: pendingTableName }),
    outboxLog: createDynamoDbOutboxLog({ client, tableName: outboxTableName }),
    store,
    clock,
    sleep,
    readLimiter,
    signalAfter: (ms) => AbortSignal.timeout(ms),

    async consumers() {
      const deployed = await deps.deployed();
      const known = await store.takenTypes();
      const types = await recordTakenTypes(known, deployed, (name) => startOf(name, deployed, deps), clock.now());
      if (JSON.stringify(types) !== JSON.stringify(known)) await store.saveTakenTypes(types);
      return deployed.map((consumer): ReconciledConsumer => {
        const reconciled = reconciledConsumer(consumer, deps);
        return {
          ...reconciled,
          accountableSince: async () => {
            const since = await reconciled.accountableSince();
            const { startedAt } = await historyOf(consumer, deps);
            const deployedAt = addMs(startedAt, deps.deploymentMs);
            const after = (instant: EpochMs) => Math.max(instant, deployedAt) as EpochMs;
            return { ...since, alone: after(since.alone), grouped: after(since.grouped) };
          },
          takenSince: (event) => takenSince(types, consumer.name, event, deps.deploymentMs),
        };
      });
    },
  };
}

async function startOf(
  name: string,
  deployed: readonly DeployedConsumer[],
  deps: ReconciledConsumerDeps,
): Promise<EpochMs> {
  const consumer = deployed.find((each) => each.name === name);
  return consumer === undefined ? (0 as EpochMs) : (await historyOf(consumer, deps)).startedAt;
}
