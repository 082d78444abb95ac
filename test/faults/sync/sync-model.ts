import { defineSync, detect } from '../../../lib/definitions/index.ts';
import { ExternalThrottledError, ExternalUnavailableError } from '../../../lib/resilience/errors.ts';
import { memberOf } from '../../../lib/shared/thrown.ts';
import { defineOutbound } from '../../../lib/sync/outbound-definition.ts';
import type { ChangeSource, ProviderWriter } from '../../../lib/sync/ports.ts';
import { createMemoryWriter, type MemoryWriter } from '../../../lib/testing/memory-writer.ts';
import {
  createSyncRig,
  mapping,
  type PlantedInStore,
  type Product,
  ProductEdited,
  product,
  type Row,
  row,
  rowSchema,
  supplierOf,
} from '../../lib/sync/sync-rig.ts';
import type { Schedule, Step } from './sync-schedule.ts';

const KEY = { sync: 'products', provider: 'supplier' };

/** A known fault, put between the sync and its ports, to see whether the search finds it. */
export interface PlantedInSync {
  readonly store?: PlantedInStore;
  readonly source?: (source: ChangeSource) => ChangeSource;
  readonly writer?: (writer: ProviderWriter<Product>) => ProviderWriter<Product>;
  readonly detect?: { readonly lagSeconds: number; readonly overlapSeconds: number };
}

const definitionOf = (
  { owner }: Schedule,
  { detect: read = { lagSeconds: 120, overlapSeconds: 600 } }: PlantedInSync,
) => {
  return defineSync({
    ...{ name: 'products', entity: 'product', schema: product },
    ownership: owner === undefined ? {} : { price: [owner] },
    match: ({ sku }) => sku,
    providers: {
      supplier: detect({
        schema: rowSchema,
        id: 'SKU',
        cursor: { kind: 'timestamp', field: 'MODIFIED', ...read },
        deletes: { kind: 'reconcile', everyHours: 24 },
        outbound: true,
        mapping,
      }),
    },
  });
};

/** A provider that is read and written, the service with its entities, and a sync between them, over memory. */
export function createSyncModel(schedule: Schedule, planted: PlantedInSync = {}) {
  const definition = definitionOf(schedule, planted);
  const supplier = supplierOf(schedule.pageSize);
  const history = new Map<string, Row[]>();
  const localTimes = new Map<string, string>();
  let freeze: { readonly gate: Promise<void>; readonly reached: () => void } | undefined;
  let betweenPages: (() => void) | undefined;

  const source: ChangeSource = {
    ...supplier,
    async *pages(request) {
      let isFirst = true;
      for await (const page of supplier.pages(request)) {
        const frozen = freeze;
        freeze = undefined;
        frozen?.reached();
        await frozen?.gate;
        if (!isFirst) {
          betweenPages?.();
          betweenPages = undefined;
        }
        isFirst = false;
        yield page;
      }
    },
  };
  /** A record's versions grow, however late they appear. */
  const timeAfter = (sku: string, wanted: number): string => {
    const before = history.get(sku)?.at(-1);
    return new Date(Math.max(wanted, before === undefined ? 0 : Date.parse(before.MODIFIED) + 1)).toISOString();
  };
  const keep = (made: Row) => {
    history.set(made.SKU, [...(history.get(made.SKU) ?? []), made]);
    supplier.put(made);
  };
  const written: MemoryWriter<Product> = createMemoryWriter<Product, Row>({
    source: { ...supplier, put: keep },
    ...{ id: 'SKU', label: 'supplier' },
    ...(schedule.hasVersions && { version: 'MODIFIED' as const }),
    rowOf: ({ sku, name, price }): Row => ({
      ...{ SKU: sku, NAME: name, NET: price / 100 },
      MODIFIED: timeAfter(sku, rig.clock.now()),
    }),
  });
  const writer: ProviderWriter<Product> = planted.writer?.(written) ?? written;
  const to = defineOutbound(definition, {
    provider: 'supplier',
    events: [ProductEdited],
    localId: ({ data }) => data.localId,
  });
  const localIdOf = (sku: string) => `p-${sku}`;
  const rig = createSyncRig(definition, {
    sources: { supplier: planted.source?.(source) ?? source },
    outbound: { to, writer },
    sliceMs: 0,
    newId: ({ sku }) => localIdOf(sku),
    changedAt: async (localId) => localTimes.get(localId),
    planted: planted.store,
  });
  /** Rows that the provider itself has made. */
  const theirs = new Set<string>();

  const put = (sku: string, at: string, net: number) => {
    if (Date.parse(at) > rig.clock.now()) return;
    const next = row(sku, at, { NET: net });
    theirs.add(`${sku} ${at}`);
    keep(next);
  };

  const dueAt = (turn: number) => {
    const due = rig.due();
    return due[turn % Math.max(due.length, 1)];
  };

  const wait = (delivery: string) => {
    if (delivery === 'failed') failed();
    if (delivery === 'deferred') rig.clock.advance((rig.waits.at(-1) ?? 1) * 1000);
    if (delivery === 'crashed') rig.clock.advance(90_000);
  };

  /** What is received again, as distinct from a fault. */
  const failed = () => {
    if (!/^(EXTERNAL_|SYNC_(CONFLICT|BUSY))/.test(String(memberOf(rig.lastError, 'code')))) throw rig.lastError;
    rig.clock.advance(5_000);
  };

  const deliver = async (turn: number): Promise<void> => {
    const event = dueAt(turn);
    if (event !== undefined) wait(await rig.deliver(event));
  };

  const failure = (isThrottled: boolean) =>
    isThrottled ? new ExternalThrottledError('supplier', 7) : new ExternalUnavailableError('supplier', '503');

  const perform = async (step: Step): Promise<void> => {
    switch (step.act) {
      case 'provider edits':
        return put(step.sku, timeAfter(step.sku, rig.clock.now() - step.lateSeconds * 1000), step.net);
      case 'provider edits in a tie': {
        const latest = Math.max(0, ...supplier.rows().map(({ MODIFIED }) => Date.parse(MODIFIED)));
        return put(step.sku, timeAfter(step.sku, Math.max(latest, rig.clock.now() - 119_000)), step.net);
      }
      case 'provider deletes':
        return supplier.delete(step.sku);
      case 'service edits': {
        const localId = localIdOf(step.sku);
        localTimes.set(localId, new Date(rig.clock.now()).toISOString());
        const theirRow = supplier.rows().find(({ SKU }) => SKU === step.sku);
        const known = rig.catalog().find(({ sku }) => sku === step.sku);
        // what the supplier owns is not the service's to change
        return schedule.owner === 'supplier'
          ? rig.edit(localId, {
              ...{ sku: step.sku, name: `Lamp ${step.net}` },
              price: known?.price ?? (theirRow === undefined ? 0 : theirRow.NET * 100),
            })
          : rig.edit(localId, { sku: step.sku, name: `Lamp ${step.sku}`, price: step.net * 100 });
      }
      case 'service deletes':
        return rig.edit(localIdOf(step.sku), undefined);
      case 'webhook': {
        const told = history.get(step.sku)?.at(-1 - step.back);
        if (told === undefined) return;
        return rig.carry({ kind: 'upsert', externalId: step.sku, ...(!step.isBare && { raw: told }) });
      }
      case 'request':
        return rig.request({ mode: step.mode });
      case 'advance':
        return rig.clock.advance(step.seconds * 1000);
      case 'source fails':
        return supplier.failNext(failure(step.isThrottled));
      case 'writer fails':
        return written.failNext(failure(step.isThrottled));
      case 'answer is lost':
        return written.loseNext(failure(false));
      case 'deliver':
        return deliver(step.turn);
      case 'page moves': {
        betweenPages = () => put(step.sku, timeAfter(step.sku, rig.clock.now() - 60_000), step.net);
        await deliver(step.turn);
        betweenPages = undefined;
        return;
      }
      case 'crash': {
        const event = dueAt(step.turn);
        if (event === undefined) return;
        rig.crash(step.commits, step.isAfter);
        const delivery = await rig.deliver(event);
        rig.crash(Number.POSITIVE_INFINITY);
        return wait(delivery);
      }
      case 'overlap':
        return overlap(step);
    }
  };

  const overlap = async ({ turn, frozenSeconds }: Extract<Step, { act: 'overlap' }>): Promise<void> => {
    const event = dueAt(turn);
    if (event === undefined) return;
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    freeze = { gate: gate.promise, reached: reached.resolve };
    const first = rig.deliver(event);
    await Promise.race([reached.promise, first]);
    freeze = undefined;
    rig.clock.advance(frozenSeconds * 1000);
    const second = await rig.deliver(event);
    gate.resolve();
    if ([second, await first].includes('failed')) failed();
  };

  const drain = async (): Promise<void> => {
    for (let turns = 0; rig.due().length > 0; turns++) {
      if (turns > 400) throw new Error('no end after 400 deliveries');
      await deliver(turns);
    }
  };

  const run = async (mode: 'increment' | 'reconcile'): Promise<void> => {
    rig.clock.advance(130_000);
    await rig.request({ mode });
    await drain();
    const { run: waiting } = await rig.sync.store.readScope({ ...KEY, scope: 'full' });
    if (waiting !== undefined) {
      await rig.sync.approve('supplier', waiting.runId, { by: 'kim' });
      await drain();
    }
  };

  return { rig, supplier, written, theirs, perform, drain, run };
}

export type SyncModel = ReturnType<typeof createSyncModel>;
