import { describe, expect, it } from 'vitest';
import { createContiguousLog, type SubscriptionHandlers } from '../../../lib/consumer/index.ts';
import {
  defineSaga,
  type EventDefinition,
  PROJECTION_STATE_TABLE,
  SAGAS_TABLE,
  type TableSchema,
  type TenancyMode,
} from '../../../lib/definitions/index.ts';
import {
  createProjectionHandlers,
  createProjectionState,
  createProjector,
  defineProjection,
  parseStoredItem,
} from '../../../lib/projection/index.ts';
import { createSagaHandlers, parseSagaItem } from '../../../lib/saga/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createTenantTable } from '../../../lib/tenancy/index.ts';
import { createInMemoryEventLog } from '../../../lib/testing/in-memory-event-log.ts';
import { createInMemorySagaTimers } from '../../../lib/testing/in-memory-saga-timers.ts';
import { createInMemoryTableStore } from '../../../lib/testing/in-memory-table-store.ts';
import type { CommittedEvent } from '../../../lib/testing/outcome.ts';
import { createServedConsumer } from '../../../lib/testing/served-consumer.ts';
import { createStage, type Stage } from '../../../lib/testing/stage.ts';
import { ACCOUNTS_VIEW, accounts, Closed, Moved, Opened } from '../projection/accounts.ts';
import { FlightBooked, FlightRequested, HotelBooked, HotelRequested, TripRequested } from '../saga/trip.ts';

const HOUR_MS = 3_600_000;

const stageWith = (tables: Readonly<Record<string, TableSchema>>, tenancy: TenancyMode = 'none') =>
  createStage({ tables, tenancy, startsAt: 1_795_154_400_000 as EpochMs });

async function publish(stage: Stage, definition: EventDefinition, data: unknown, tenantId?: string) {
  const context = tenantId === undefined ? {} : { tenantId };
  const { events } = await stage.outbox.transact((tx) => tx.publish(definition, data), context);
  return events[0] as CommittedEvent;
}

/**
 * The code before fails at `failing` until it is a dead letter; an hour later the code after, which does not take it,
 * receives `next` of the same group.
 */
async function hold(
  stage: Stage,
  before: SubscriptionHandlers,
  after: SubscriptionHandlers,
  [failing, next]: readonly CommittedEvent[],
) {
  if (failing === undefined || next === undefined) throw new Error('two events are needed');
  const refuse = () => {
    throw new Error('it cannot be');
  };
  const old = createServedConsumer({ ...before, handlers: { ...before.handlers, [failing.type]: refuse } }, stage);
  const letter = old.queue.send(failing.partitionkey, JSON.stringify(failing));
  while ((await old.deliver(letter, failing)) !== undefined) stage.clock.advance(600_000);
  expect(old.queue.deadLetters()).toHaveLength(1);
  stage.clock.advance(HOUR_MS);
  const consumer = createServedConsumer(after, stage);
  return consumer.deliver(consumer.queue.send(next.partitionkey, JSON.stringify(next)), next);
}

describe('a group that waits for an event of a type that a deployment has removed', () => {
  it('goes on at a process manager whose new version does not take it', async () => {
    const stage = stageWith({ sagas: SAGAS_TABLE });
    const store = createInMemoryTableStore(stage.tables);
    const { outbox, tenancy, clock } = stage;
    const table = createTenantTable({
      ...{ store, outbox, tenancy, tableName: 'sagas', schema: SAGAS_TABLE },
      parse: parseSagaItem,
    });
    const handlersOf = (version: number, withHotel: boolean) =>
      createSagaHandlers(
        defineSaga(
          {
            name: 'trip',
            version,
            data: TripRequested.schema,
            correlateBy: 'tripId',
            migrations: version === 1 ? {} : { 1: (saga) => saga },
          },
          ({ start, send, on }) => ({
            startedBy: start(TripRequested, ({ tripId }) => ({ tripId })),
            steps: [
              {
                name: 'flight',
                command: send(FlightRequested, ({ tripId }) => ({ tripId })),
                success: on(FlightBooked),
              },
              ...(withHotel
                ? [
                    {
                      name: 'hotel',
                      command: send(HotelRequested, ({ tripId }) => ({ tripId })),
                      success: on(HotelBooked),
                    },
                  ]
                : []),
            ],
          }),
        ),
        { table, timers: createInMemorySagaTimers(), metrics: { addMetric: () => undefined }, clock },
      );
    const held = await publish(stage, HotelBooked, { tripId: '7' });
    const started = await publish(stage, TripRequested, { tripId: '7' });

    const outcome = await hold(stage, handlersOf(1, true), handlersOf(2, false), [held, started]);

    expect(outcome?.kind).toBe('handled');
    expect(outcome?.eventsOf(FlightRequested)).toHaveLength(1);
  });

  it('goes on at a projection whose new version does not take it, with a tenant', async () => {
    const stage = stageWith({ view: ACCOUNTS_VIEW, state: PROJECTION_STATE_TABLE }, 'required');
    const { outbox, tenancy, clock, tables, log } = stage;
    const store = createInMemoryTableStore(tables);
    const handlersOf = (projection: typeof accounts) => {
      const state = createProjectionState({ store, tableName: 'state', clock, positionSeconds: 86_400 });
      const view = { store, outbox, tenancy, tableName: 'view', schema: ACCOUNTS_VIEW, parse: parseStoredItem };
      const projector = createProjector({
        projection,
        state,
        outbox,
        table: createTenantTable(view),
        log: createContiguousLog({ log: createInMemoryEventLog(log), clock, sleep: async () => undefined }),
      });
      return createProjectionHandlers({ projection, state, projector });
    };
    const openings = defineProjection({
      name: 'accounts',
      events: [Opened, Closed],
      version: 2,
      view: ACCOUNTS_VIEW,
      parse: accounts.parse,
      keys: ({ data }) => [{ accountId: data.accountId }],
      on: {
        'com.example.account.opened': (_, { data }) => ({ ...data, state: 1 }),
        'com.example.account.closed': (item) => item,
      },
    });
    const held = await publish(stage, Moved, { accountId: 'a', amount: 4 }, 'acme');
    const closed = await publish(stage, Closed, { accountId: 'a' }, 'acme');

    const outcome = await hold(stage, handlersOf(accounts), handlersOf(openings), [held, closed]);

    expect(outcome?.kind).toBe('handled');
  });
});
