import { setTimeout } from 'node:timers/promises';
import { WaybillError } from 'waybill';
import type { Article } from '../external/suppliers/assortment.ts';
import type { SupplierTarget } from '../external/suppliers/supplier-sender.ts';
import type { Suppliers } from '../external/suppliers/suppliers.ts';
import type { CallFunction } from '../orders/function-calls.ts';
import { tenantOf } from '../orders/send-command.ts';
import type { TenantIds } from '../orders/shop-command.ts';
import { type ShopSubscription, SUBSCRIPTIONS } from './shop-syncs.ts';
import type { SyncRun } from './sync-facts.ts';
import type { SyncRequests } from './sync-requests.ts';

/** The syncs did not come to an end. */
class SyncDriverError extends WaybillError {
  readonly code = 'LOCAL_SYNCS_UNFINISHED';
}

/** What happens at the suppliers and with the syncs of a run. */
export interface SyncDriver {
  /** Opens the accounts at the suppliers, connects the shop with them, and reads everything. */
  begin(products: readonly Article[]): Promise<void>;
  /** Products change, and are read again and again, until it is disposed of. */
  whileOrders(): AsyncDisposable;
  /** Nothing changes any more: reads what is left until each subscription is as its provider. */
  finish(products: readonly Article[]): Promise<void>;
}

export interface SyncDriverDeps {
  readonly suppliers: Pick<Suppliers, 'open' | 'accounts' | 'tokens' | 'sender'>;
  readonly target: SupplierTarget;
  /** The suppliers behave from now on. */
  readonly endFaults: () => void;
  readonly requests: SyncRequests;
  readonly readRuns: () => Promise<readonly SyncRun[]>;
  readonly call: CallFunction;
  readonly connectFunctionName: string;
  readonly receiveStockFunctionName: string;
  readonly tenantIds: TenantIds;
  /** Waits until nothing moves. */
  readonly settle: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** Between two rounds of changes, and so many of them between two rounds of reading. */
const CHANGE_EVERY_MS = 400;
const CHANGES_PER_READING = 4;

/** A slow machine must not have more to do than a fast one. */
const MOST_CHANGES = 40;

/** Each round reads further; under faults some fail, and a run that fails five times in a row ends. */
const MOST_ROUNDS = 20;

const MOST_TRIES_TO_CONNECT = 20;

/** Of each product, received when all orders have settled. */
export const LAST_PIECES = 1;

export function createSyncDriver(deps: SyncDriverDeps): SyncDriver {
  const { suppliers, requests, readRuns, call, tenantIds, settle, signal } = deps;

  const connect = async (tenantId: string | undefined): Promise<void> => {
    const { tokens } = suppliers;
    for (let tries = 1; ; tries++) {
      // a code works once: whoever has lost the answer asks for another one
      const command = { code: tokens.newCode(tenantId), ...tenantOf({ tenantId }) };
      const result = await call(deps.connectFunctionName, command, signal);
      if (result.kind === 'answered') return;
      if (tries === MOST_TRIES_TO_CONNECT) {
        throw new SyncDriverError(`supplier B could not be connected: ${result.reason}`);
      }
    }
  };

  /** Every subscription of every tenant, in one mode each. */
  const readAll = async (mode: (subscription: ShopSubscription) => ShopSubscription['modes']) => {
    const asked: { readonly runId: string; readonly tenantId: string | undefined; readonly of: ShopSubscription }[] =
      [];
    for (const tenantId of tenantIds) {
      for (const of of SUBSCRIPTIONS) {
        for (const each of mode(of)) {
          const runId = await requests.run(tenantId, of.sync, { provider: of.provider, mode: each });
          asked.push({ runId, tenantId, of });
        }
      }
    }
    return asked;
  };

  const approveWaiting = async (): Promise<void> => {
    for (const run of await readRuns()) {
      if (run.status === 'awaiting-approval') await requests.approve(run.tenantId, { name: run.sync }, run);
    }
  };

  /** So that supplier B is told what is on hand when all orders have taken theirs. */
  const receiveLastGoods = async (products: readonly Article[]): Promise<void> => {
    for (const tenantId of tenantIds) {
      for (const { sku } of products) {
        const receipt = { receiptId: `closing-${sku}`, sku, quantity: LAST_PIECES, ...tenantOf({ tenantId }) };
        const result = await call(deps.receiveStockFunctionName, receipt, signal);
        if (result.kind === 'failed') throw new SyncDriverError(`${sku} could not be stocked: ${result.reason}`);
      }
    }
  };

  return {
    async begin(products) {
      for (const tenantId of tenantIds) suppliers.open(tenantId).editor.fill(products);
      await suppliers.sender.connect(deps.target);
      for (const tenantId of tenantIds) await connect(tenantId);
      await readAll(() => ['increment']);
      await settle();
    },

    whileOrders() {
      const ended = new AbortController();
      const work = async () => {
        for (let round = 1; round <= MOST_CHANGES && !ended.signal.aborted; round++) {
          for (const { editor } of suppliers.accounts()) editor.step();
          if (round % CHANGES_PER_READING === 0) {
            const isReconciled = round % (CHANGES_PER_READING * 4) === 0;
            await readAll(({ modes }) => modes.slice(0, isReconciled ? modes.length : 1));
            await approveWaiting();
          }
          await setTimeout(CHANGE_EVERY_MS, undefined, { signal: AbortSignal.any([ended.signal, signal]) }).catch(
            () => undefined,
          );
        }
      };
      const working = work();
      working.catch(() => undefined);
      return {
        async [Symbol.asyncDispose]() {
          ended.abort();
          await working;
        },
      };
    },

    async finish(products) {
      for (const { editor } of suppliers.accounts()) editor.rest();
      await suppliers.sender.idle(signal);
      deps.endFaults();
      await settle();
      await receiveLastGoods(products);
      await settle();
      for (let round = 1; ; round++) {
        await approveWaiting();
        await settle();
        const asked = await readAll(({ modes }) => modes);
        await settle();
        const runs = new Map((await readRuns()).map((run) => [run.runId, run]));
        const open = asked.filter(({ runId }) => !isDone(runs.get(runId)));
        if (open.length === 0) return;
        if (round < MOST_ROUNDS) continue;
        const shown = open.map(({ runId, of }) => {
          const run = runs.get(runId);
          return `${of.sync.name} of ${of.provider}: ${run?.status ?? 'not run'} ${run?.reason?.message ?? ''}`;
        });
        throw new SyncDriverError(`after ${MOST_ROUNDS} rounds these do not end: ${shown.join('; ')}`);
      }
    },
  };
}

const isDone = (run: SyncRun | undefined): boolean => run?.status === 'succeeded' || run?.status === 'partial';
