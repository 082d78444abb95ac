import { hasCode } from '../definitions/index.ts';
import { ifUnchanged, type Outbox } from '../outbox/index.ts';
import { createSharedRate, type RateLedger, type SharedRate } from '../resilience/index.ts';
import { type Sleep, systemSleep } from '../shared/backoff.ts';
import { STORED_FORMAT } from '../shared/stored-format.ts';
import type { Clock, EpochMs } from '../shared/time.ts';
import type { TenantTable } from '../tenancy/index.ts';
import { SyncRaceError } from './errors.ts';
import type { ChangePage, ChangeSource, ReadRequest } from './ports.ts';
import type { SyncItem } from './sync-item.ts';
import { SYNC_TENANT_TABLE } from './table.ts';

export interface RatedSourceDeps {
  readonly sync: string;
  readonly table: TenantTable<SyncItem>;
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** @default systemSleep */
  readonly sleep?: Sleep | undefined;
}

interface ProviderRate {
  readonly provider: string;
  readonly ratePerSecond: number;
}

/** A source whose calls keep to a rate that all containers of the current tenant share: each page and each `get` is a call. */
export function ratedSource(source: ChangeSource, rate: ProviderRate, deps: RatedSourceDeps): ChangeSource {
  const turnOf = ratesOf(source.label, rate, deps);
  const rated = (read: (request: ReadRequest) => AsyncIterable<ChangePage>) =>
    async function* (request: ReadRequest): AsyncIterable<ChangePage> {
      const pages = read(request)[Symbol.asyncIterator]();
      try {
        for (;;) {
          await turnOf(request.signal).take();
          const result = await pages.next();
          if (result.done === true) return;
          yield result.value;
        }
      } finally {
        await pages.return?.();
      }
    };
  const { now, enumerate, get } = source;
  return {
    label: source.label,
    pages: rated((request) => source.pages(request)),
    ...(now !== undefined && {
      async now(signal) {
        await turnOf(signal).take();
        return now.call(source, signal);
      },
    }),
    ...(enumerate !== undefined && { enumerate: rated((request) => enumerate.call(source, request)) }),
    ...(get !== undefined && {
      async get(externalId, signal) {
        await turnOf(signal).take();
        return get.call(source, externalId, signal);
      },
    }),
  };
}

/** A handler's turns are of its tenant: each handler has a signal of its own. */
function ratesOf(
  label: string,
  { provider, ratePerSecond }: ProviderRate,
  deps: RatedSourceDeps,
): (signal: AbortSignal) => SharedRate {
  const { clock, sleep = systemSleep } = deps;
  const ledger = ledgerOf(provider, deps);
  const rates = new WeakMap<AbortSignal, SharedRate>();
  return (signal) => {
    const rate = rates.get(signal) ?? createSharedRate({ name: label, ratePerSecond, ledger, clock, sleep });
    rates.set(signal, rate);
    return rate;
  };
}

/** In the sync's table, for the current tenant. */
function ledgerOf(provider: string, { sync, table: given, outbox }: RatedSourceDeps): RateLedger {
  const table = given.withSchema(SYNC_TENANT_TABLE);
  const key = { id: `rate#${sync}#${provider}`, part: 'rate' };
  return {
    async read() {
      const item = await table.get(key);
      return item && { nextAt: (item.content as { readonly nextAt: EpochMs }).nextAt, revision: item.revision };
    },
    async write(before, nextAt) {
      try {
        await outbox.transact((tx) =>
          table.within(tx).put({
            Item: {
              ...STORED_FORMAT,
              ...key,
              content: JSON.stringify({ nextAt }),
              revision: (before?.revision ?? 0) + 1,
            },
            ...ifUnchanged('revision', before?.revision),
            refused: () => new SyncRaceError('a rate'),
          }),
        );
        return true;
      } catch (error) {
        if (hasCode(error, 'SYNC_RACE_LOST')) return false;
        throw error;
      }
    },
  };
}
