import type { StoredEvent } from '../../lib/outbox/index.ts';
import { createInMemoryPendingMarkers } from '../../lib/relay/in-memory-pending-markers.ts';
import { createRelay, type Relay } from '../../lib/relay/index.ts';
import type { RelayDeps } from '../../lib/relay/relay.ts';
import type { Execution } from './execution.ts';
import { createFoundation } from './foundation.ts';
import { createOperator } from './operator.ts';
import type { Planted } from './planted.ts';
import { reachBus, reachMarkers } from './ports/relay.ts';
import { silentLogger, silentMetrics } from './ports/telemetry.ts';
import { serveRequest } from './producer.ts';
import { recover } from './recovery.ts';
import type { EventPlan, Schedule } from './schedule.ts';
import { createBus } from './services/bus.ts';
import { createStream, type OutboxRecords, type RelayReport } from './services/stream.ts';
import { createSite, type Site } from './site.ts';
import { noTrace, type Trace } from './trace.ts';
import { type AtRest, wrongAtRest } from './whereabouts.ts';
import { createWitness } from './witness.ts';

export interface Outcome {
  /** What was found wrong; empty when every promise was kept. */
  readonly wrong: readonly string[];
  /** What was injected, by kind. */
  readonly struck: ReadonlyMap<string, number>;
  readonly effects: number;
}

/** More than any run needs that comes to rest. */
const MAX_STEPS = 40_000;

const RELAY_TIMEOUT_MS = 8_000;

/** Runs the whole of it: the plan, then what follows the last fault until everything has drained. */
export async function runSchedule(schedule: Schedule, planted: Planted = {}, log: Trace = noTrace): Promise<Outcome> {
  const wrong: string[] = [];
  const sites: Site[] = [];
  const accuse = (what: string) => {
    wrong.push(what);
    base.trace(`WRONG: ${what}`);
    base.sim.stop();
  };
  const base = createFoundation(schedule, planted, log, {
    onCommitted(events) {
      for (const event of events) {
        markers.put(event);
        stream.append(event);
      }
    },
    onApplied: (writes) => witness.onApplied(writes),
  });
  const { sim, dealer, lambda, committed, tables } = base;
  const markers = createInMemoryPendingMarkers();
  const bus = createBus(sim, dealer, sites);
  const witness = createWitness({ committed, sites, accuse });

  const relayIn = (execution: Execution): Relay => {
    const deps: RelayDeps = {
      publisher: reachBus(bus, committed.byBody, execution),
      markers: reachMarkers(markers, execution),
      clock: sim,
      sleep: execution.sleep,
      random: sim.random,
      signalAfter: sim.signalAfter,
      logger: silentLogger,
      metrics: silentMetrics,
    };
    return createRelay(planted.relay?.(deps, { execution, tables }) ?? deps);
  };
  const relay = (records: OutboxRecords, done: (report: RelayReport | undefined) => void) =>
    lambda.invoke(
      'relay',
      RELAY_TIMEOUT_MS,
      (execution, context) => relayIn(execution).run(records, context.getRemainingTimeInMillis()),
      done,
    );
  const stream = createStream({ sim, dealer, relay });

  const isPending = (event: StoredEvent) =>
    markers.keys().some(({ group, sequence }) => group === event.group && sequence === event.sequence);
  const sweep = (evenQuarantined = false) => {
    const open = committed.events.filter(
      (event) => isPending(event) && (evenQuarantined || markers.noteOf(event) === undefined),
    );
    if (open.length === 0) return;
    dealer.count('sweep');
    relay(stream.recordsOf(open), () => {});
  };

  const plans = numbered(schedule);
  for (const [index, plan] of schedule.consumers.entries()) sites.push(createSite(plan, index, plans, base));
  const operator = createOperator({ base, sites, witness, sweep, isPending });

  let isRecovering = false;
  let number = 1;
  for (const [index, request] of schedule.requests.entries()) {
    const first = number;
    number += request.events.length;
    sim.after(request.atMs, () => void serveRequest(`request/${index + 1}`, request, first, base));
  }
  for (const operation of schedule.operations) sim.after(operation.atMs, () => operator.run(operation));

  const isUndisturbed = () => !dealer.hasStruck() && schedule.operations.length === 0 && !isRecovering;
  const atRest: AtRest = { committed, sites, witness, isPending, isUndisturbed };
  const comeToRest = async () => {
    if (!(await sim.runToRest(MAX_STEPS))) accuse(`it is not at rest after ${MAX_STEPS} steps`);
    if (wrong.length === 0) for (const what of wrongAtRest(atRest)) accuse(what);
    return wrong.length === 0;
  };
  const isWell = await comeToRest();
  isRecovering = true;
  if (isWell) await recover({ base, atRest, operator, bus, sweep: () => sweep(true), comeToRest, accuse });
  return { wrong, struck: dealer.struck, effects: tables.items('ledger').length };
}

/** The events of the plan by their numbers, from 1. */
function numbered({ requests }: Schedule): ReadonlyMap<number, EventPlan> {
  const events = requests.flatMap((request) => request.events);
  return new Map(events.map((event, index) => [index + 1, event]));
}
