import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  createDynamoDbCursorStore,
  createDynamoDbEventLog,
  createDynamoDbFailureNotes,
  createDynamoDbInboxMemory,
  createDynamoDbInboxRecords,
  inboxRecordKey,
  readConsumerHistory,
} from '../../../lib/consumer/index.ts';
import {
  type CloudEvent,
  CURSORS_TABLE,
  HTTP_REQUESTS_TABLE,
  INBOX_TABLE,
  OPERATOR_TABLE,
  OUTBOX_TABLE,
  PENDING_TABLE,
  skipRecordKey,
  type TableSchema,
  TENANTS_TABLE,
} from '../../../lib/definitions/index.ts';
import { createDynamoDbRequestRecords } from '../../../lib/http/index.ts';
import {
  createDynamoDbConsumerPauseStore,
  createDynamoDbCursorScanner,
  createDynamoDbLog,
  createDynamoDbLogRepair,
  createDynamoDbMarkerReader,
  createDynamoDbOperatorTrail,
  createDynamoDbPauseLedger,
  createDynamoDbReconcileStore,
  createDynamoDbRedriveRuns,
  createDynamoDbSkipLedger,
} from '../../../lib/operations/index.ts';
import {
  createDynamoDbOutboxLog,
  createDynamoDbOutboxStore,
  createDynamoDbPendingTable,
} from '../../../lib/outbox/index.ts';
import { createDynamoDbGroupScanner, createDynamoDbViewSweeper } from '../../../lib/projection/index.ts';
import { createConsumerRateLedger } from '../../../lib/runtime/rate-ledger.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createDynamoDbTableStore, createDynamoDbTenantReader } from '../../../lib/tenancy/index.ts';

type Item = Readonly<Record<string, AttributeValue>>;

/** One strongly consistent read of the library. */
export interface ConsistentRead {
  /** Where `ConsistentRead` stands, under `lib/`. */
  readonly file: string;
  readonly table: keyof typeof READ_TABLES;
  /** Written just before. */
  readonly item: Item;
  /** What an old answer would cost. */
  readonly costs: string;
  /** What it answers. @returns whether it knows of the item */
  readonly sees: (client: DynamoDBClient) => Promise<boolean>;
}

const VIEW = { partitionKey: { name: 'id', type: 'S' } } as const satisfies TableSchema;

export const READ_TABLES = {
  outbox: OUTBOX_TABLE,
  pending: PENDING_TABLE,
  cursors: CURSORS_TABLE,
  inbox: INBOX_TABLE,
  tenants: TENANTS_TABLE,
  requests: HTTP_REQUESTS_TABLE,
  operator: OPERATOR_TABLE,
  view: VIEW,
} as const;

const outboxTableName = 'outbox';
const consumer = 'billing';
const clock = { now: () => 1_795_154_400_000 as EpochMs };
const place = { group: 'order#1', sequence: 1 };
const key = { partitionkey: { S: place.group }, sequence: { N: '1' } };
const event = { id: 'event-1', source: '/orders', type: 'placed' };
const inbox = { tableName: 'inbox', consumer, expirySeconds: 3_600, clock };
const waits = { sleep: async () => undefined, random: () => 0 };

const logged: Item = {
  ...key,
  kind: { S: 'EVENT' },
  id: { S: event.id },
  source: { S: event.source },
  type: { S: event.type },
  event: { S: '{}' },
  committedAt: { N: '1795154400000' },
  expires: { N: '1796364000' },
};
const head: Item = { ...key, sequence: { N: '0' }, kind: { S: 'HEAD' }, last: { N: '1' } };
const cursor: Item = {
  id: { S: `${consumer}#${place.group}` },
  consumer: { S: consumer },
  group: { S: place.group },
  processed: { N: '1' },
  seen: { N: '1' },
  generation: { N: '0' },
  revision: { N: '1' },
};
const cloudEvent: CloudEvent = {
  ...event,
  specversion: '1.0',
  time: '2026-11-20T06:00:00.000Z',
  datacontenttype: 'application/json',
  dataschema: 'urn:waybill:schema:placed:1',
  data: {},
  partitionkey: place.group,
  sequence: '000000000000001',
  correlationid: 'correlation-1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  hops: 0,
};
const record: Item = {
  id: { S: inboxRecordKey(consumer, event) },
  status: { S: 'COMPLETED' },
  expiration: { N: '1796364000' },
};
const note: Item = {
  id: { S: `${consumer}#note#${event.id}` },
  code: { S: 'Error' },
  message: { S: 'it fails' },
  attempts: { N: '1' },
};
const request: Item = {
  id: { S: 'orders#jane#1' },
  status: { S: 'INPROGRESS' },
  fingerprint: { S: 'body' },
  owner: { S: 'one' },
  heldUntil: { N: '1' },
  expiration: { N: '1796364000' },
};
const skipped: Item = { id: { S: skipRecordKey(consumer, place, 0) }, consumer: { S: consumer } };
const history: Item = {
  id: { S: `${consumer}#start` },
  startedAt: { N: '1' },
  periods: { L: [] },
  revision: { N: '1' },
};

const run: Item = { id: { S: 'redrive-runs' }, name: { S: 'run-1' }, run: { M: {} }, fence: { N: '1' } };

async function any<T>(pages: AsyncIterable<T>, isFound: (page: T) => boolean): Promise<boolean> {
  for await (const page of pages) if (isFound(page)) return true;
  return false;
}

/** Every strongly consistent read of the library, by the file where it stands. */
export const CONSISTENT_READS: readonly ConsistentRead[] = [
  {
    file: 'http/dynamodb-request-records.ts',
    table: 'requests',
    item: request,
    costs: 'a command whose answer was stored, told to come again',
    sees: async (client) =>
      (await createDynamoDbRequestRecords({ client, tableName: 'requests' }).find('orders#jane#1')) !== undefined,
  },
  {
    file: 'outbox/dynamodb-outbox-store.ts',
    table: 'outbox',
    item: head,
    costs: 'a refused commit, again and again',
    sees: async (client) => (await outboxIn(client).readHeads([place.group])).get(place.group)?.last === 1,
  },
  {
    file: 'outbox/dynamodb-outbox-store.ts',
    table: 'outbox',
    item: head,
    costs: 'the same, where heads of several groups are read in one call',
    sees: async (client) => (await outboxIn(client).readHeads([place.group, 'another'])).get(place.group)?.last === 1,
  },
  {
    file: 'outbox/dynamodb-outbox-store.ts',
    table: 'outbox',
    item: logged,
    costs: "an aggregate's next version, refused for a gap that is not there",
    sees: async (client) => {
      const move = { group: place.group, from: 1, to: 2, by: 'versions-after-event' } as const;
      const outcome = await outboxIn(client).commit({ token: 'token', writes: [], heads: [move], events: [] });
      return outcome.kind === 'committed';
    },
  },
  {
    file: 'consumer/dynamodb-event-log.ts',
    table: 'outbox',
    item: logged,
    costs: 'an event, handled before its predecessor',
    sees: async (client) =>
      (await createDynamoDbEventLog({ client, outboxTableName }).read(place.group, 0, 1)).length === 1,
  },
  {
    file: 'shared/batch-get.ts',
    table: 'cursors',
    item: cursor,
    costs: 'a refused commit, and the handler runs in vain',
    sees: async (client) => {
      const cursors = createDynamoDbCursorStore({ ...inbox, ...waits, client, tableName: 'cursors' });
      return (await cursors.read([place.group])).has(place.group);
    },
  },
  {
    file: 'consumer/dynamodb-consumer-history.ts',
    table: 'inbox',
    item: history,
    costs: 'a consumer, taken for new',
    sees: async (client) => (await readConsumerHistory({ client, ...inbox })) !== undefined,
  },
  {
    file: 'consumer/inbox-memory.ts',
    table: 'inbox',
    item: record,
    costs: 'a duplicate, taken for an event that was passed over',
    sees: (client) => createDynamoDbInboxMemory({ client, ...inbox }).knows(cloudEvent, 0),
  },
  {
    file: 'consumer/inbox-record.ts',
    table: 'inbox',
    item: record,
    costs: "an operator's `where`, which says that an event was not handled",
    sees: async (client) => (await createDynamoDbInboxRecords({ client, ...inbox }).find(event)) !== undefined,
  },
  {
    file: 'consumer/failure-notes.ts',
    table: 'inbox',
    item: note,
    costs: "an operator's `where`, which does not know the failure",
    sees: async (client) => (await createDynamoDbFailureNotes({ client, ...inbox }).find(event.id)) !== undefined,
  },
  {
    file: 'outbox/sweeper/dynamodb-outbox-log.ts',
    table: 'outbox',
    item: logged,
    costs: 'an event, put aside as gone',
    sees: async (client) => {
      const log = createDynamoDbOutboxLog({ client, tableName: outboxTableName });
      return (await log.read([place], AbortSignal.timeout(60_000)))[0]?.status === 'found';
    },
  },
  {
    file: 'outbox/sweeper/dynamodb-pending-table.ts',
    table: 'pending',
    item: { ...key, committedAt: { N: '1' } },
    costs: 'a sweep that leaves an event to the next one',
    sees: (client) =>
      any(
        createDynamoDbPendingTable({ client, tableName: 'pending' }).pages(AbortSignal.timeout(60_000)),
        ({ length }) => length === 1,
      ),
  },
  {
    file: 'operations/dynamodb-marker-reader.ts',
    table: 'pending',
    item: { ...key, committedAt: { N: '1' } },
    costs: "an operator's `where`, which says that an event is published",
    sees: async (client) =>
      (await createDynamoDbMarkerReader({ client, pendingTableName: 'pending', ...waits }).stateOf(place)).kind ===
      'pending',
  },
  {
    file: 'operations/dynamodb-log.ts',
    table: 'outbox',
    item: logged,
    costs: 'a group that is not rung for',
    sees: async (client) =>
      (await createDynamoDbLog({ client, outboxTableName }).count(place.group, 0, 1, () => true)) === 1,
  },
  {
    file: 'operations/dynamodb-log.ts',
    table: 'outbox',
    item: logged,
    costs: 'an event that cannot be sent again',
    sees: async (client) => (await createDynamoDbLog({ client, outboxTableName }).find(place)) !== undefined,
  },
  {
    file: 'operations/dynamodb-skip-ledger.ts',
    table: 'inbox',
    item: skipped,
    costs: 'a skip that is not known to be done',
    sees: async (client) => (await createDynamoDbSkipLedger({ client, ...inbox }).find(place, 0)) !== undefined,
  },
  {
    file: 'operations/dynamodb-pause-ledger.ts',
    table: 'inbox',
    item: { id: { S: 'billing#pause#order#1#1000' }, consumer: { S: consumer }, group: { S: place.group } },
    costs: 'a pause whose end is not known',
    sees: async (client) =>
      (await createDynamoDbPauseLedger({ client, ...inbox }).find(place.group, 1_000 as EpochMs)) !== undefined,
  },
  {
    file: 'operations/dynamodb-pause-ledger.ts',
    table: 'inbox',
    item: { id: { S: 'billing#paused' }, since: { N: '1000' }, by: { S: 'ann' }, reason: { S: 'no' } },
    costs: 'a consumer that is resumed and stays noted as paused',
    sees: async (client) => (await createDynamoDbConsumerPauseStore({ client, ...inbox }).find()) !== undefined,
  },
  {
    file: 'operations/dynamodb-reconcile-store.ts',
    table: 'inbox',
    item: { id: { S: '#reconcile#pass' }, content: { S: '{"pass":1}' } },
    costs: 'a pass that two runs work on',
    sees: async (client) => (await createDynamoDbReconcileStore({ client, ...inbox }).pass()) !== undefined,
  },
  {
    file: 'tenancy/dynamodb-tenant-reader.ts',
    table: 'tenants',
    item: { tenantId: { S: 'acme' }, status: { S: 'active' } },
    costs: 'a tenant that stays suspended for as long as an answer is kept',
    sees: async (client) => createDynamoDbTenantReader({ client, tableName: 'tenants' })('acme'),
  },
  {
    file: 'operations/dynamodb-log-repair.ts',
    table: 'outbox',
    item: logged,
    costs: 'a head that is not raised far enough after a restore',
    sees: async (client) => (await createDynamoDbLogRepair({ client, outboxTableName }).lastUsed(place.group)) === 1,
  },
  {
    file: 'operations/dynamodb-log-repair.ts',
    table: 'cursors',
    item: cursor,
    costs: 'a group, left out of a repair after a restore',
    sees: (client) =>
      any(
        createDynamoDbCursorScanner({ client, cursorsTableName: 'cursors' }).scan(),
        ({ cursors }) => cursors.length === 1,
      ),
  },
  {
    file: 'operations/dynamodb-operator-trail.ts',
    table: 'operator',
    item: {
      ...{ id: { S: 'trail' }, name: { S: '2026-11-20T06:00:00.000Z#1' }, at: { N: '1795154400000' } },
      ...{ by: { S: 'ann' }, reason: { S: 'r' }, what: { S: 'redrive' } },
    },
    costs: 'an action of an operator that the trail does not show',
    sees: (client) => any(trailIn(client).since(0 as EpochMs), (entries) => entries.length === 1),
  },
  {
    file: 'operations/dynamodb-redrive-runs.ts',
    table: 'operator',
    item: run,
    costs: 'a run that nobody can watch or stop, or two drivers of one run',
    sees: async (client) => (await runsIn(client).find('run-1')) !== undefined,
  },
  {
    file: 'operations/dynamodb-redrive-runs.ts',
    table: 'operator',
    item: run,
    costs: 'a run that is under way and not listed',
    sees: async (client) => (await runsIn(client).list(10)).length === 1,
  },
  {
    file: 'operations/dynamodb-redrive-runs.ts',
    table: 'operator',
    item: { id: { S: 'redrive-run#run-1' }, name: { S: 'chunk#000000' }, events: { S: '{"kinds":[],"events":[]}' } },
    costs: 'events of a run that its driver leaves out',
    sees: async (client) => (await runsIn(client).items('run-1')).length === 1,
  },
  {
    file: 'runtime/rate-ledger.ts',
    table: 'inbox',
    item: { id: { S: 'billing#rate#gateway' }, nextAt: { N: '1' }, revision: { N: '1' } },
    costs: 'a call that another container has counted, and a write that is refused',
    sees: async (client) =>
      (await createConsumerRateLedger({ client, tableName: 'inbox', consumer }, 'gateway').read()) !== undefined,
  },
  {
    file: 'projection/dynamodb-group-scanner.ts',
    table: 'outbox',
    item: logged,
    costs: 'a group, left out of a rebuild',
    sees: async (client) =>
      (await createDynamoDbGroupScanner({ client, outboxTableName }).page([event], undefined)).groups.length === 1,
  },
  {
    file: 'projection/dynamodb-view-sweeper.ts',
    table: 'view',
    item: { id: { S: '1#a' }, viewGeneration: { N: '1' } },
    costs: 'an item of an old generation, left for good',
    sees: async (client) =>
      (
        await createDynamoDbViewSweeper({ client, tableName: 'view', view: VIEW, ...waits }).sweep(
          { upTo: 1, keep: 2 },
          undefined,
        )
      ).deleted === 1,
  },
  {
    file: 'tenancy/dynamodb-table-store.ts',
    table: 'view',
    item: { id: { S: 'a' } },
    costs: "a handler, which decides by its table's old state",
    sees: async (client) => (await createDynamoDbTableStore(client).get('view', { id: { S: 'a' } })) !== undefined,
  },
  {
    file: 'tenancy/dynamodb-table-store.ts',
    table: 'view',
    item: { id: { S: 'a' } },
    costs: "a handler, which decides by its table's old state",
    sees: async (client) => {
      const partition = { attribute: 'id', value: { S: 'a' } };
      const all = { indexName: undefined, sort: undefined, keyAttributes: ['id'], limit: 10, startKey: undefined };
      const page = await createDynamoDbTableStore(client).query({
        tableName: 'view',
        partition,
        ...all,
        newestFirst: false,
      });
      return page.items.length === 1;
    },
  },
];

const trailIn = (client: DynamoDBClient) =>
  createDynamoDbOperatorTrail({ client, tableName: 'operator', newId: () => '1' });

const runsIn = (client: DynamoDBClient) => createDynamoDbRedriveRuns({ client, tableName: 'operator' });

const outboxIn = (client: DynamoDBClient) =>
  createDynamoDbOutboxStore({ client, outboxTableName, pendingTableName: 'pending' });
