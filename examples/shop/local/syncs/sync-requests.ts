import { randomBytes, randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type NamedSync, type SyncRequest, syncContinued, syncRequested, type TenancyMode } from 'waybill';
import type { UnitOfWork } from 'waybill/outbox';
import { createEventIds } from '../../../../lib/event/index.ts';
import { createDynamoDbOutboxStore, createOutbox } from '../../../../lib/outbox/index.ts';
import { systemSleep } from '../../../../lib/shared/backoff.ts';
import type { Clock } from '../../../../lib/shared/time.ts';
import { createTenancy } from '../../../../lib/tenancy/index.ts';
import type { Topology } from '../../../../local/ledger/topology.ts';
import type { SyncRun } from './sync-facts.ts';

/** What an operator asks of the shop's syncs. */
export interface SyncRequests {
  /** @returns the id of the run, which is skipped if another one is under way */
  run(tenantId: string | undefined, sync: NamedSync, request: Pick<SyncRequest, 'provider' | 'mode'>): Promise<string>;
  /** Lets a run delete what it found missing. */
  approve(tenantId: string | undefined, sync: NamedSync, run: SyncRun): Promise<void>;
}

export interface SyncRequestsDeps {
  readonly client: DynamoDBClient;
  readonly topology: Pick<Topology, 'outboxTableName' | 'pendingTableName'>;
  readonly tenancyMode: TenancyMode;
  readonly outboxRetentionDays: number;
  readonly clock: Clock;
}

const OPERATOR = 'local-run';

/** Under faults a call may fail; a run that was asked for twice is run once or twice, to the same effect. */
const MOST_TRIES = 10;

export function createSyncRequests(deps: SyncRequestsDeps): SyncRequests {
  const { client, topology, tenancyMode, outboxRetentionDays, clock } = deps;
  const { outboxTableName = '', pendingTableName = '' } = topology;
  const tenancy = createTenancy({ mode: tenancyMode, audit: { crossTenantWork: () => undefined } });
  const outbox = createOutbox({
    store: createDynamoDbOutboxStore({ client, outboxTableName, pendingTableName }),
    clock,
    ids: { ...createEventIds(clock, randomBytes), newToken: randomUUID },
    sleep: systemSleep,
    random: Math.random,
    retentionSeconds: outboxRetentionDays * 24 * 3600,
    tenancy,
  });

  const publish = async (tenantId: string | undefined, collect: (tx: UnitOfWork) => void): Promise<string> => {
    for (let tries = 1; ; tries++) {
      try {
        const { events } = await tenancy.runAsTenant(tenantId, () => outbox.transact(async (tx) => collect(tx)));
        return events[0]?.id ?? '';
      } catch (error) {
        if (tries === MOST_TRIES) throw error;
      }
    }
  };

  return {
    run: (tenantId, sync, { provider, mode }) =>
      publish(tenantId, (tx) =>
        tx.publish(syncRequested(sync), { provider, mode, trigger: 'manual', actor: OPERATOR }),
      ),
    async approve(tenantId, sync, { provider, runId, slice }) {
      await publish(tenantId, (tx) =>
        tx.publish(syncContinued(sync), { provider, scope: 'full', runId, slice, approvedBy: OPERATOR }),
      );
    },
  };
}
