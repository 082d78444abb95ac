import { CURSORS_TABLE, INBOX_TABLE } from '../../lib/contracts/index.ts';
import {
  createInMemoryOutboxStore,
  createOutbox,
  type InMemoryTables,
  type Outbox,
  type OutboxStore,
} from '../../lib/outbox/index.ts';
import { createInMemoryTables } from '../../lib/testing/index.ts';
import { createRandom } from '../../local/seeded-random.ts';
import { createCountingIds } from '../fixtures/event-maker.ts';
import { type Committed, createCommitted } from './committed.ts';
import { createDealer, type Dealer } from './dealer.ts';
import type { Execution, ExecutionDeps } from './execution.ts';
import { LEDGER_TABLE } from './handlers.ts';
import type { Planted } from './planted.ts';
import { reachOutboxStore } from './ports/outbox-store.ts';
import type { Schedule } from './schedule.ts';
import { createLambda, type Lambda } from './services/lambda.ts';
import { createSimulation, type Simulation } from './simulation.ts';
import type { Trace } from './trace.ts';

/** What everything in a run stands on. */
export interface Foundation extends ExecutionDeps {
  readonly sim: Simulation;
  readonly dealer: Dealer;
  readonly lambda: Lambda;
  readonly tables: InMemoryTables;
  readonly committed: Committed;
  readonly planted: Planted;
  outboxIn(execution: Execution): Outbox;
}

export interface Observers {
  readonly onCommitted: (events: Parameters<Committed['add']>[0][]) => void;
  readonly onApplied: (writes: Parameters<InMemoryTables['apply']>[0]) => void;
}

const RETENTION_SECONDS = 14 * 24 * 3600;

export function createFoundation(
  schedule: Schedule,
  planted: Planted,
  log: Trace,
  { onCommitted, onApplied }: Observers,
): Foundation {
  const sim = createSimulation(createRandom(schedule.timing));
  const startedAt = sim.now();
  const trace: Trace = (line) => log(`${String(sim.now() - startedAt).padStart(7)}  ${line}`);
  const dealer = createDealer(schedule.faults);
  const committed = createCommitted();
  const inner = createInMemoryTables({
    inbox: INBOX_TABLE,
    cursors: CURSORS_TABLE,
    [LEDGER_TABLE]: { partitionKey: { name: 'id', type: 'S' } },
  });
  const tables: InMemoryTables = {
    ...inner,
    apply(writes) {
      inner.apply(writes);
      onApplied(writes);
    },
  };
  const ids = createCountingIds();
  const deps = { sim, dealer, trace };
  const store = observed(
    createInMemoryOutboxStore({ tables }),
    (events) => {
      for (const event of events) committed.add(event);
      onCommitted(events);
    },
    () => dealer.count('producers in conflict'),
  );
  return {
    ...deps,
    lambda: createLambda(deps),
    tables,
    committed,
    planted,
    outboxIn: (execution) =>
      createOutbox({
        store: reachOutboxStore(store, execution),
        clock: sim,
        ids,
        sleep: execution.sleep,
        random: sim.random,
        retentionSeconds: RETENTION_SECONDS,
      }),
  };
}

/** Hears of events at the moment of their commit, once. */
function observed(store: OutboxStore, onCommitted: Observers['onCommitted'], onClash: () => void): OutboxStore {
  const tokens = new Set<string>();
  return {
    readHeads: store.readHeads,
    commit(commit) {
      // the store in memory commits before its promise settles, but says so only then
      return store.commit(commit).then((outcome) => {
        if (outcome.kind === 'committed' && !tokens.has(commit.token)) {
          tokens.add(commit.token);
          onCommitted([...commit.events]);
        }
        if (outcome.kind === 'head-moved' || outcome.kind === 'sequence-taken') onClash();
        return outcome;
      });
    },
  };
}
