import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Committed } from './committed.ts';
import { TABLES } from './consumer-in.ts';
import { createFoundation } from './foundation.ts';
import { LEDGER_TABLE } from './handlers.ts';
import { createOperator } from './operator.ts';
import type { Planted } from './planted.ts';
import { serveRequest } from './producer.ts';
import { createPublishing } from './publishing.ts';
import { recover } from './recovery.ts';
import type { EventPlan, Schedule } from './schedule.ts';
import { createBus } from './services/bus.ts';
import { expireFor } from './services/retention.ts';
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
    onCommitted: (events) => {
      for (const event of events) {
        publishing.onCommitted(event);
        expireFor(base, event);
      }
    },
    onApplied(writes) {
      witness.onApplied(writes);
      for (const what of wrongAboutMarkers(writes, committed)) accuse(what);
    },
    accuse,
  });
  const { sim, dealer, committed, dynamodb } = base;
  const bus = createBus(sim, dealer, sites);
  const publishing = createPublishing(base, bus);
  const witness = createWitness({ committed, sites, accuse });

  const plans = numbered(schedule);
  for (const [index, plan] of schedule.consumers.entries()) {
    if (plan.deployedAtMs > 0) dealer.count('consumer added late');
    sites.push(createSite(plan, index, plans, base));
  }
  const operator = createOperator({ base, sites, witness, publishing });

  let isRecovering = false;
  let number = 1;
  for (const [index, request] of schedule.requests.entries()) {
    const first = number;
    number += request.events.length;
    sim.after(request.atMs, () => void serveRequest(`request/${index + 1}`, request, first, base));
  }
  for (const operation of schedule.operations) sim.after(operation.atMs, () => operator.run(operation));

  const isUndisturbed = () => !dealer.hasStruck() && schedule.operations.length === 0 && !isRecovering;
  const atRest: AtRest = { committed, sites, witness, isPending: publishing.isPending, isUndisturbed };
  const comeToRest = async () => {
    if (!(await sim.runToRest(MAX_STEPS))) accuse(`it is not at rest after ${MAX_STEPS} steps`);
    if (wrong.length === 0) for (const what of wrongAtRest(atRest)) accuse(what);
    return wrong.length === 0;
  };
  const isWell = await comeToRest();
  isRecovering = true;
  if (isWell) await recover({ base, atRest, operator, bus, publishing, comeToRest, accuse });
  return { wrong, struck: dealer.struck, effects: dynamodb.items(LEDGER_TABLE).length };
}

/** An event that the log has is given up as gone. */
function* wrongAboutMarkers(writes: readonly TransactWriteItem[], committed: Committed): Generator<string> {
  for (const { Update } of writes) {
    const note = Update?.ExpressionAttributeValues?.[':note']?.M;
    if (Update?.TableName !== TABLES.pending || note?.['code']?.S !== 'EVENT_GONE') continue;
    const { group, sequence } = {
      group: Update.Key?.['partitionkey']?.S,
      sequence: Number(Update.Key?.['sequence']?.N),
    };
    const event = committed.ofGroup(group ?? '').find((each) => each.sequence === sequence);
    if (event !== undefined && committed.isLogged(event))
      yield `${group} ${sequence} counts as gone, and the log has it`;
  }
}

/** The events of the plan by their numbers, from 1. */
function numbered({ requests }: Schedule): ReadonlyMap<number, EventPlan> {
  const events = requests.flatMap((request) => request.events);
  return new Map(events.map((event, index) => [index + 1, event]));
}
