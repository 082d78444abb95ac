import { describe, expect, it } from 'vitest';
import type { SyncItemOfRun, SyncRecord, SyncRun } from '../../../local/syncs/sync-facts.ts';
import { summarizeSyncs, syncsText } from '../../../local/syncs/sync-summary.ts';

const run = (runId: string, mode: SyncRun['mode'], status: SyncRun['status']): SyncRun =>
  ({ sync: 'products', provider: 'supplier-a', runId, mode, status, tenantId: undefined }) as SyncRun;

const item = (runId: string, outcome: SyncItemOfRun['outcome'], origin: SyncItemOfRun['origin']): SyncItemOfRun =>
  ({ runId, outcome, origin, externalId: '1', tenantId: undefined }) as SyncItemOfRun;

const parked = (externalId: string): SyncRecord =>
  ({
    tenantId: 'tenant-1',
    sync: 'products',
    provider: 'supplier-a',
    record: { externalId, parked: { code: 'SYNC_ROW_INVALID', message: 'NET: expected number' } },
  }) as SyncRecord;

const facts = {
  runs: [run('r1', 'increment', 'partial'), run('r2', 'reconcile', 'succeeded'), run('r3', 'change', 'succeeded')],
  items: [
    item('r1', 'created', 'poll'),
    item('r1', 'parked', 'poll'),
    item('r2', 'deleted', 'get'),
    item('r3', 'updated', 'webhook'),
  ],
  records: ['A', 'B', 'C', 'D', 'E'].map(parked),
};

describe('the summary of syncs', () => {
  it('counts runs by their end, effects by how they came, and lists what is parked', () => {
    expect(summarizeSyncs(facts)[0]).toMatchObject({
      ...{ sync: 'products', provider: 'supplier-a', runs: { partial: 1, succeeded: 1 } },
      ...{ created: 1, updated: 1, deleted: 1, echoes: 0, by: { poll: 1, get: 1, webhook: 1 } },
      parked: ['A', 'B', 'C', 'D', 'E'].map((externalId) => {
        return { tenant: 'tenant-1', externalId, code: 'SYNC_ROW_INVALID', message: 'NET: expected number' };
      }),
    });
  });

  it('is shown with the first reasons, and is left out in a shop without syncs', () => {
    expect(syncsText(summarizeSyncs(facts).slice(0, 1))).toStrictEqual([
      '',
      'Syncs:',
      '  products of supplier-a: 2 runs (1 partial, 1 succeeded) · 1 created, 1 updated, 1 deleted (1 by poll, 1 by get, 1 by webhook)',
      '    parked: A of tenant-1: SYNC_ROW_INVALID: NET: expected number',
      '    parked: B of tenant-1: SYNC_ROW_INVALID: NET: expected number',
      '    parked: C of tenant-1: SYNC_ROW_INVALID: NET: expected number',
      '    and 2 more are parked',
    ]);
    expect(syncsText([])).toStrictEqual([]);
  });
});
