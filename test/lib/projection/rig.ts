import { Logger } from '@aws-lambda-powertools/logger';
import { createContiguousLog } from '../../../lib/consumer/index.ts';
import {
  type CloudEvent,
  type EventDefinition,
  type EventInputOf,
  PROJECTION_STATE_TABLE,
  type TableSchema,
  type TenancyMode,
} from '../../../lib/definitions/index.ts';
import { parseEvent, readEvent } from '../../../lib/event/index.ts';
import { createOutbox, type OutboxStore } from '../../../lib/outbox/index.ts';
import {
  createProjectionHandlers,
  createProjectionState,
  createProjector,
  createRebuild,
  createViewReader,
  type Projection,
  parseStoredItem,
} from '../../../lib/projection/index.ts';
import { createTenancy, createTenantTable, createTenantTableReader } from '../../../lib/tenancy/index.ts';
import { createInMemoryEventLog } from '../../../lib/testing/in-memory-event-log.ts';
import { createInMemoryGroupScanner } from '../../../lib/testing/in-memory-group-scanner.ts';
import { createInMemoryOutboxStore } from '../../../lib/testing/in-memory-outbox-store.ts';
import { createInMemoryTableStore } from '../../../lib/testing/in-memory-table-store.ts';
import { createInMemoryViewSweeper } from '../../../lib/testing/in-memory-view-sweeper.ts';
import { createInMemoryTables } from '../../../lib/testing/index.ts';
import { createCountingIds, createTestClock } from '../../fixtures/event-maker.ts';

const DAY_SECONDS = 86_400;

/** What outlives the code that works on it. */
function createMemory(views: Readonly<Record<string, TableSchema>>) {
  const tables = createInMemoryTables({
    ...views,
    state: PROJECTION_STATE_TABLE,
    done: { partitionKey: { name: 'id', type: 'S' } },
  });
  return {
    tables,
    outboxStore: createInMemoryOutboxStore({ tables }),
    clock: createTestClock(),
    ids: createCountingIds(),
  };
}

export interface RigOptions {
  readonly tenancy?: TenancyMode;
  /** Stands between the code under test and each call of a port. @default - nothing */
  readonly around?: <Result>(
    call: () => Promise<Result>,
    name?: 'commit' | 'sweep' | 'query' | 'save',
  ) => Promise<Result>;
  readonly logCreatedAt?: number;
  /** Of the consumer. @default - silent */
  readonly log?: Logger;
  /** In which table the view is. @default 'view' */
  readonly viewTableName?: string;
  /** Tables that later code of the same memory has its view in. @default - none */
  readonly laterViews?: Readonly<Record<string, TableSchema>>;
  /** Of another rig, whose code is of another version. @default - its own */
  readonly memory?: ReturnType<typeof createMemory>;
}

/** A projection over memory; what the test itself does goes past `around`. */
export function createRig<Item>(projection: Projection<Item>, options: RigOptions = {}) {
  const { around = (call) => call(), viewTableName = 'view' } = options;
  const memory = options.memory ?? createMemory({ [viewTableName]: projection.view, ...options.laterViews });
  const { tables, outboxStore, clock, ids } = memory;
  const outboxOver = (store: OutboxStore) =>
    createOutbox({ store, clock, ids, sleep: async () => undefined, random: () => 0, retentionSeconds: DAY_SECONDS });
  const outbox = outboxOver({
    readHeads: (groups) => around(() => outboxStore.readHeads(groups)),
    commit: (commit) => around(() => outboxStore.commit(commit), 'commit'),
  });
  const ownOutbox = outboxOver(outboxStore);
  const tenancy = createTenancy({ mode: options.tenancy ?? 'none', audit: { crossTenantWork: () => undefined } });

  const ownStore = createInMemoryTableStore(tables);
  const store: typeof ownStore = {
    get: (tableName, key) => around(() => ownStore.get(tableName, key)),
    getBatch: (tableName, keys) => around(() => ownStore.getBatch(tableName, keys)),
    query: (query) => around(() => ownStore.query(query), 'query'),
    write: (writes) => around(() => ownStore.write(writes), 'save'),
  };
  const parse = parseStoredItem;
  const tableOptions = { tableName: viewTableName, schema: projection.view, tenancy, parse };
  const ownTable = createTenantTableReader({ ...tableOptions, store: ownStore });
  const stateOptions = { tableName: 'state', clock, positionSeconds: 2 * DAY_SECONDS };
  const state = createProjectionState({ store, ...stateOptions });
  const ownLog = createInMemoryEventLog(outboxStore);
  const log: typeof ownLog = {
    read: (group, after, upTo) => around(() => ownLog.read(group, after, upTo)),
    places: (group, from, upTo, limit) => around(() => ownLog.places(group, from, upTo, limit)),
    end: (group) => around(() => ownLog.end(group)),
  };
  const projector = createProjector({
    projection,
    table: createTenantTable({ ...tableOptions, store, outbox }),
    state,
    log: createContiguousLog({ log, clock, sleep: async () => undefined }),
    outbox,
  });
  const served = createProjectionHandlers({ projection, state, projector });
  const scanner = createInMemoryGroupScanner(outboxStore, options.logCreatedAt ?? clock.now());
  const sweeper = createInMemoryViewSweeper(tables, viewTableName, projection.view);

  const logged = async (): Promise<readonly CloudEvent[]> =>
    Promise.all(
      outboxStore.events.map(async ({ body }) => {
        const event = parseEvent(body);
        const definition = projection.subscription.events.find(({ type }) => type === event.type);
        return definition === undefined ? event : readEvent(definition, event);
      }),
    );

  const rebuild = createRebuild({
    projection,
    state,
    projector,
    outbox,
    scanner: {
      page: (types, after) => around(() => scanner.page(types, after)),
      createdAt: scanner.createdAt,
    },
    sweeper: { sweep: (generations, after) => around(() => sweeper.sweep(generations, after), 'sweep') },
    asTenant: (tenantId, work) => tenancy.runAsTenant(tenantId, work),
    clock,
    retentionSeconds: DAY_SECONDS,
  });

  return {
    memory,
    outbox: ownOutbox,
    tables,
    tenancy,
    state: createProjectionState({ store: ownStore, ...stateOptions }),
    logged,
    table: ownTable,
    reader: createViewReader({
      projection,
      table: ownTable,
      state: createProjectionState({ store: ownStore, ...stateOptions }),
    }),
    rebuild,

    async publish<Definition extends EventDefinition>(
      definition: Definition,
      data: EventInputOf<Definition>,
      tenantId?: string,
    ): Promise<CloudEvent> {
      const context = tenantId === undefined ? {} : { tenantId };
      const { events } = await ownOutbox.transact((tx) => tx.publish(definition, data), context);
      const [event] = events;
      if (event === undefined) throw new Error('nothing was published');
      return event;
    },

    /** As the consumer does: once, with its writes. @returns 'duplicate' where it was handled before */
    async handle(event: CloudEvent, signal = new AbortController().signal): Promise<'handled' | 'duplicate'> {
      const handler = served.handlers[event.type];
      if (handler === undefined) return 'handled';
      const guard = {
        write: {
          Put: { TableName: 'done', Item: { id: { S: event.id } }, ConditionExpression: 'attribute_not_exists(id)' },
        },
        refused: () => new DuplicateError(),
      };
      try {
        await outbox.transact(
          (tx) =>
            tenancy.runAsTenant(event.tenantid, async () => {
              await handler(event, {
                tx,
                log: options.log ?? LOG,
                signal,
                idempotencyKey: event.id,
                skip: (reason) => {
                  throw new Error(`skipped: ${reason}`);
                },
                afterCommit: () => undefined,
              });
            }),
          {},
          [guard],
        );
        return 'handled';
      } catch (error) {
        if (error instanceof DuplicateError) return 'duplicate';
        throw error;
      }
    },

    /** Until it is done or blocked. */
    advanceToEnd: (acceptFailed = false) => rebuild.advance({ acceptFailed }, new AbortController().signal),
  };
}

class DuplicateError extends Error {}

const LOG = new Logger({ logLevel: 'SILENT' });
