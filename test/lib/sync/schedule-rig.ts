import type { TenancyMode } from '../../../lib/definitions/index.ts';
import { addMs } from '../../../lib/shared/time.ts';
import { syncRequested } from '../../../lib/sync/events.ts';
import type { ChangeSource } from '../../../lib/sync/ports.ts';
import { parseSyncItem } from '../../../lib/sync/sync-item.ts';
import { SYNC_TABLE } from '../../../lib/sync/table.ts';
import { createSyncTick, type SyncTickDeps } from '../../../lib/sync/tick.ts';
import { createTenantTable } from '../../../lib/tenancy/index.ts';
import { createInMemoryTableStore } from '../../../lib/testing/in-memory-table-store.ts';
import { createSyncRig, productSync, supplierOf } from './sync-rig.ts';

export const MINUTE = 60_000;

/** A sync over memory whose runs a tick asks for. */
export function createScheduled({
  sources = { supplier: supplierOf() as ChangeSource },
  tenancy = 'none',
  providers = productSync.providers,
  emitTo,
}: {
  readonly sources?: { readonly supplier: ChangeSource };
  readonly tenancy?: TenancyMode;
  readonly providers?: typeof productSync.providers;
  readonly emitTo?: SyncTickDeps['metrics'];
} = {}) {
  const rig = createSyncRig({ ...productSync, providers }, { sources, tenancy });
  const lines: string[] = [];
  const tell = (...[line]: readonly unknown[]) => void lines.push(String(line));
  const counted: Record<string, number> = {};
  const table = createTenantTable({
    store: createInMemoryTableStore(rig.tables),
    ...{ outbox: rig.outbox, tenancy: rig.tenancy, tableName: 'sync', schema: SYNC_TABLE, parse: parseSyncItem },
  });
  const tick = createSyncTick({
    ...{ name: 'products', providers, table, clock: rig.clock },
    ...{ outbox: rig.outbox, tenancy: rig.tenancy },
    logger: { info: tell, warn: tell, error: tell },
    metrics: emitTo ?? {
      addMetric(name: string, _unit: unknown, value: number) {
        // 0 is emitted, too
        if (value > 0) counted[name] = value;
      },
    },
  });
  const asked = () =>
    rig
      .due()
      .flatMap(({ type, data, tenantid }) =>
        type === syncRequested(productSync).type
          ? [`${tenantid === undefined ? '' : `${tenantid} `}${(data as { mode: string }).mode}`]
          : [],
      );
  return {
    ...{ rig, lines, counted, asked },
    tick: () => tick.run(addMs(rig.clock.now(), 30_000)),
    /** Lets the time pass, a tick each minute, and runs what they ask for. */
    async pass(minutes: number) {
      let count = 0;
      for (let minute = 0; minute < minutes; minute++) {
        rig.clock.advance(MINUTE);
        count += (await tick.run(addMs(rig.clock.now(), 30_000))).asked;
        await rig.drain();
      }
      return count;
    },
  };
}
