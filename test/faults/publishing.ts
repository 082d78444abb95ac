import { PENDING_ATTRIBUTES } from '../../lib/definitions/index.ts';
import type { NewEventRecord } from '../../lib/outbox/event-record.ts';
import {
  createDynamoDbOutboxLog,
  createDynamoDbPendingMarkers,
  createDynamoDbPendingTable,
  createRelay,
  createSweeper,
  type Relay,
} from '../../lib/outbox/index.ts';
import type { RelayDeps } from '../../lib/outbox/relay/relay.ts';
import { TABLES } from './consumer-in.ts';
import type { Execution } from './execution.ts';
import type { Foundation } from './foundation.ts';
import { reachBus } from './ports/relay.ts';
import { silentLogger, silentMetrics } from './ports/telemetry.ts';
import type { Bus } from './services/bus.ts';
import type { Item } from './services/dynamodb-requests.ts';
import { createStream } from './services/stream.ts';

/** What carries events from the outbox to the bus: the stream's relay, and the sweeper. */
export interface Publishing {
  /** An event was committed. */
  onCommitted(event: NewEventRecord): void;
  isPending(event: NewEventRecord): boolean;
  sweep(): void;
  /** Somebody has mended what kept events from being published; the next sweep takes them. */
  mendQuarantined(): void;
}

const RELAY_TIMEOUT_MS = 8_000;
const SWEEPER_TIMEOUT_MS = 30_000;
const SWEEP_AFTER_MS = 2_000;
/** A schedule fires within its minute. */
const LATEST_MS = 60_000;

export function createPublishing(base: Foundation, bus: Bus): Publishing {
  const { sim, dealer, lambda, committed, dynamodb, planted } = base;

  const commonIn = (execution: Execution) => ({
    clock: sim,
    sleep: execution.sleep,
    random: sim.random,
    signalAfter: sim.signalAfter,
    logger: silentLogger,
    metrics: silentMetrics,
  });

  const relayIn = (execution: Execution): Relay => {
    const client = dynamodb.clientIn(execution);
    const deps: RelayDeps = {
      ...commonIn(execution),
      publisher: reachBus(bus, committed.byBody, execution),
      markers: createDynamoDbPendingMarkers({ client, tableName: TABLES.pending }),
    };
    return createRelay(planted.relay?.(deps) ?? deps);
  };

  const stream = createStream({
    sim,
    dealer,
    relay: (records, done) =>
      lambda.invoke(
        'relay',
        RELAY_TIMEOUT_MS,
        (execution, context) => relayIn(execution).run(records, context.getRemainingTimeInMillis()),
        done,
      ),
  });

  const invokeSweeper = () =>
    lambda.invoke(
      'sweeper',
      SWEEPER_TIMEOUT_MS,
      (execution, context) => {
        const client = dynamodb.clientIn(execution);
        return createSweeper({
          ...commonIn(execution),
          table: createDynamoDbPendingTable({ client, tableName: TABLES.pending }),
          log: createDynamoDbOutboxLog({ client, tableName: TABLES.outbox }),
          relay: relayIn(execution),
          sweepAfterMs: SWEEP_AFTER_MS,
          maxEvents: 100,
        }).run(context.getRemainingTimeInMillis());
      },
      () => {},
    );

  const sweep = () => {
    if (dynamodb.items(TABLES.pending).length === 0) return;
    dealer.count('sweep');
    const fault = dealer.deal((kind) => kind === 'schedule fires late' || kind === 'schedule fires twice');
    sim.after(fault?.kind === 'schedule fires late' ? Math.min(fault.ms, LATEST_MS) : 0, invokeSweeper);
    if (fault?.kind === 'schedule fires twice') sim.after(Math.min(fault.ms, LATEST_MS), invokeSweeper);
  };

  return {
    onCommitted(event) {
      stream.append(event);
    },
    isPending: ({ group, sequence }) => dynamodb.get(TABLES.pending, keyOf(group, sequence)) !== undefined,
    sweep,
    mendQuarantined() {
      for (const { partitionkey, sequence, quarantined } of dynamodb.items(TABLES.pending)) {
        if (quarantined === undefined) continue;
        dynamodb.write({
          operation: 'UpdateItem',
          input: {
            TableName: TABLES.pending,
            Key: keyOf(partitionkey?.S ?? '', Number(sequence?.N)),
            UpdateExpression: 'REMOVE #quarantined',
            ExpressionAttributeNames: { '#quarantined': PENDING_ATTRIBUTES.quarantined },
          },
        });
      }
    },
  };
}

const keyOf = (group: string, sequence: number): Item => ({
  partitionkey: { S: group },
  sequence: { N: String(sequence) },
});
