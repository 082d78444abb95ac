import { type Billed, usdOf } from '../../lib/operations/index.ts';
import type { BenchRun } from '../app/start-app.ts';
import type { Calls, CallUse } from './observe-calls.ts';

export const HOPS = ['producer', 'relay', 'bus', 'queue', 'consumer', 'logs'] as const;

type Hop = (typeof HOPS)[number];

/** What one kind of billed thing comes to on one hop. */
export interface HopCost {
  readonly hop: Hop;
  readonly what: string;
  readonly billed: Billed;
  readonly calls: number;
  readonly quantity: number;
}

/** Of every function of the bench: the constructs' default. */
const MEMORY_GIB = 0.5;

/** Everything that a run was billed for since its last reset, but for the consumers' own writes. */
export function hopCosts(bench: BenchRun, calls: Calls): readonly HopCost[] {
  const costs = [...callCosts(bench, calls), ...archiveCosts(calls), ...functionCosts(bench), ...logCosts(bench)];
  return costs.toSorted((a, b) => HOPS.indexOf(a.hop) - HOPS.indexOf(b.hop));
}

export const usdPerMillion = (costs: readonly HopCost[], events: number): number =>
  costs.reduce((sum, { billed, quantity }) => sum + usdOf(billed, (quantity * 1e6) / events), 0);

function callCosts(bench: BenchRun, calls: Calls): readonly HopCost[] {
  const tables = bench.tableLabels();
  const merged = new Map<string, HopCost>();
  for (const use of calls.uses()) {
    const table = tables.get(use.resource);
    // the service's own business write
    if (table === 'Table') continue;
    const hop = hopOf(use, bench);
    const what = [use.operation, ...(table === undefined ? [] : [table.toLowerCase()])].join(' ');
    const key = `${hop} ${what} ${use.billed}`;
    const known = merged.get(key);
    merged.set(key, {
      hop,
      what,
      billed: use.billed,
      calls: (known?.calls ?? 0) + use.calls,
      quantity: (known?.quantity ?? 0) + use.quantity,
    });
  }
  return [...merged.values()];
}

function hopOf({ caller, billed }: CallUse, bench: BenchRun): Hop {
  if (billed === 'eventBridgeEvent') return 'bus';
  if (billed === 'sqsFifoRequest') return 'queue';
  if (caller === 'producer') return 'producer';
  return bench.functionLabel(caller) === 'relay' ? 'relay' : 'consumer';
}

const archiveCosts = (calls: Calls): readonly HopCost[] => [
  {
    hop: 'bus',
    what: 'archive',
    billed: 'eventBridgeArchiveByte',
    calls: 0,
    quantity: calls.archivedBytes(),
  },
];

function functionCosts(bench: BenchRun): readonly HopCost[] {
  const uses = [...bench.invocations.uses()].filter(([, { records }]) => records > 0);
  const isRelay = ([functionName]: (typeof uses)[number]) => bench.functionLabel(functionName) === 'relay';
  return (['relay', 'consumer'] as const).flatMap((hop) => {
    const own = uses.filter((use) => isRelay(use) === (hop === 'relay'));
    const invocations = own.reduce((sum, [, use]) => sum + use.invocations, 0);
    const durationMs = own.reduce((sum, [, use]) => sum + use.durationMs, 0);
    return [
      { hop, what: 'invocations', billed: 'lambdaRequest', calls: invocations, quantity: invocations },
      {
        hop,
        what: 'GB-seconds',
        billed: 'lambdaGigabyteSecond',
        calls: 0,
        quantity: (durationMs / 1000) * MEMORY_GIB,
      },
    ] as const;
  });
}

const logCosts = (bench: BenchRun): readonly HopCost[] => {
  const bytes = [...bench.logBytes().values()].reduce((sum, each) => sum + each, 0);
  return [{ hop: 'logs', what: 'ingestion at INFO', billed: 'logByte', calls: 0, quantity: bytes }];
};
