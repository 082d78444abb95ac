import { OUTBOX_ATTRIBUTES, OUTBOX_KIND } from '../../lib/definitions/index.ts';
import type { NewEventRecord } from '../../lib/outbox/event-record.ts';
import { createDynamoDbOutboxStore, createOutbox, type Outbox } from '../../lib/outbox/index.ts';
import type { EpochMs, EpochSeconds } from '../../lib/shared/time.ts';
import { createRandom } from '../../local/seeded-random.ts';
import { createCountingIds } from '../fixtures/event-maker.ts';
import { type Committed, createCommitted } from './committed.ts';
import { RETENTION_SECONDS, TABLES } from './consumer-in.ts';
import { createDealer, type Dealer } from './dealer.ts';
import type { Execution, ExecutionDeps } from './execution.ts';
import type { Planted } from './planted.ts';
import type { Schedule } from './schedule.ts';
import { createDynamoDb, type DynamoDb } from './services/dynamodb.ts';
import { type DynamoDbRequest, type Item, writesOf } from './services/dynamodb-requests.ts';
import { createLambda, type Lambda } from './services/lambda.ts';
import { createSimulation, type Simulation } from './simulation.ts';
import { type Trace, textOf } from './trace.ts';

/** What everything in a run stands on. */
export interface Foundation extends ExecutionDeps {
  readonly sim: Simulation;
  readonly dealer: Dealer;
  readonly lambda: Lambda;
  readonly dynamodb: DynamoDb;
  readonly committed: Committed;
  readonly planted: Planted;
  outboxIn(execution: Execution): Outbox;
  /** Says that a promise is broken. */
  readonly accuse: (what: string) => void;
}

export interface Observers {
  readonly onCommitted: (events: readonly NewEventRecord[]) => void;
  readonly onApplied: (writes: ReturnType<typeof writesOf>) => void;
  readonly accuse: (what: string) => void;
}

export function createFoundation(
  schedule: Schedule,
  planted: Planted,
  log: Trace,
  { onCommitted, onApplied, accuse }: Observers,
): Foundation {
  const sim = createSimulation(createRandom(schedule.timing));
  const startedAt = sim.now();
  const trace: Trace = (line) => log(() => `${String(sim.now() - startedAt).padStart(7)}  ${textOf(line)}`);
  const dealer = createDealer(schedule.faults);
  const committed = createCommitted();
  const ids = createCountingIds();
  const deps = { sim, dealer, trace };
  const dynamodb = createDynamoDb({
    sim,
    change: planted.request ?? ((request) => request),
    onApplied(request) {
      const events = publishedIn(request);
      for (const event of events) committed.add(event);
      if (events.length > 0) onCommitted(events);
      onApplied(writesOf(request));
    },
    onMisled: (execution, table) =>
      accuse(`${execution.name} acted on an old state of an item of '${table}', and was refused what it wrote`),
    onRefused: (request) => {
      if (publishedIn(request).length > 0) dealer.count('producers in conflict');
    },
  });
  return {
    ...deps,
    lambda: createLambda(deps),
    dynamodb,
    committed,
    planted,
    accuse,
    outboxIn: (execution) =>
      createOutbox({
        store: createDynamoDbOutboxStore({
          client: dynamodb.clientIn(execution),
          outboxTableName: TABLES.outbox,
          pendingTableName: TABLES.pending,
        }),
        clock: sim,
        ids,
        sleep: execution.sleep,
        random: sim.random,
        retentionSeconds: RETENTION_SECONDS,
      }),
  };
}

const publishedIn = (request: DynamoDbRequest): readonly NewEventRecord[] =>
  writesOf(request).flatMap(({ Put }) => {
    const { TableName, Item = {} } = Put ?? {};
    return TableName === TABLES.outbox && Item[OUTBOX_ATTRIBUTES.kind]?.S === OUTBOX_KIND.event
      ? [storedEvent(Item)]
      : [];
  });

function storedEvent(item: Item): NewEventRecord {
  const previousExpires = item[OUTBOX_ATTRIBUTES.previousExpires]?.N;
  return {
    group: item['partitionkey']?.S ?? '',
    sequence: Number(item['sequence']?.N),
    id: item[OUTBOX_ATTRIBUTES.id]?.S ?? '',
    source: item[OUTBOX_ATTRIBUTES.source]?.S ?? '',
    type: item[OUTBOX_ATTRIBUTES.type]?.S ?? '',
    body: item[OUTBOX_ATTRIBUTES.event]?.S ?? '',
    committedAt: Number(item[OUTBOX_ATTRIBUTES.committedAt]?.N) as EpochMs,
    expires: Number(item['expires']?.N) as EpochSeconds,
    previousExpires: previousExpires === undefined ? undefined : (Number(previousExpires) as EpochSeconds),
  };
}
