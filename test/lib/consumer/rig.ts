import type { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import {
  type ConsumerHistory,
  type CursorStore,
  createConsumer,
  type DeadLetter,
  type EventHandler,
  type EventLog,
} from '../../../lib/consumer/index.ts';
import {
  type Claim,
  type CloudEvent,
  defineSubscription,
  type EventDefinition,
  type Ordering,
} from '../../../lib/definitions/index.ts';
import { draftEvent, sealEvent } from '../../../lib/event/index.ts';
import { EventLogger } from '../../../lib/shared/event-logger.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import type { Tenancy, TenantDirectory } from '../../../lib/tenancy/index.ts';
import { createInMemoryCursorStore } from '../../../lib/testing/in-memory-cursor-store.ts';
import { createInMemoryEventLog, type InMemoryEventLogSource } from '../../../lib/testing/in-memory-event-log.ts';
import { createInMemoryFailureNotes } from '../../../lib/testing/in-memory-failure-notes.ts';
import { createInMemoryInbox } from '../../../lib/testing/in-memory-inbox.ts';
import { createInMemoryInboxMemory } from '../../../lib/testing/in-memory-inbox-memory.ts';
import { createCountingIds, createTestClock } from '../../fixtures/event-maker.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';
import { createTestOutbox, type TestOutbox } from '../../fixtures/outbox.ts';
import { createTestQueue, type TestQueue } from '../../fixtures/test-queue.ts';

export type DepositHandler = EventHandler<typeof Deposited>;

export interface RigOptions {
  /** @default 'fifo' */
  readonly ordering?: Ordering;
  readonly permanentErrors?: readonly string[];
  /** When it claims an event. @default 'commit' */
  readonly claim?: Claim;
  readonly timeoutSignal?: (delayMs: number) => AbortSignal;
  readonly onDeadLetter?: (deadLetter: DeadLetter) => void;
  readonly withoutStrict?: boolean;
  /** @default - collected in `emitted` and `singles` */
  readonly emitTo?: Metrics;
  readonly tenancy?: Tenancy;
  readonly tenants?: TenantDirectory;
  /** Under which settings the consumer has run. @default - always under these */
  readonly history?: () => Promise<ConsumerHistory>;
  readonly recordSettings?: () => Promise<unknown>;
  /** What is between the consumer and the log. @default - nothing */
  readonly log?: (log: EventLog) => EventLog;
  readonly tombstones?: InMemoryEventLogSource['tombstones'];
  /** @default 345_600 */
  readonly queueRetentionSeconds?: number;
  /** What the code takes. @default - deposits and audits */
  readonly events?: readonly EventDefinition[];
  /** Handles all but deposits. @default - does nothing */
  readonly onOther?: EventHandler<EventDefinition>;
  /** The consumer as it was deployed before: queue, tables and log stay. @default - a new one */
  readonly before?: Foundation;
  /** Where a group without a cursor begins. @default - at its first event */
  readonly startsAt?: EpochMs;
  /** From when on the inbox can tell. @default - since ever */
  readonly inboxAnswersSince?: () => EpochMs;
}

/** What outlives the code. */
export interface Foundation extends TestOutbox {
  readonly queue: TestQueue;
  readonly notes: ReturnType<typeof createInMemoryFailureNotes>;
}

function createFoundation(): Foundation {
  const created = createTestOutbox({ accounts: ['accountId'], inbox: ['id'], cursors: ['id'] });
  return { ...created, queue: createTestQueue(), notes: createInMemoryFailureNotes(created.clock) };
}

/** A consumer of deposits over fakes; it may receive a message three times. */
export function createRig(onDeposit: DepositHandler, options: RigOptions = {}) {
  const { ordering = 'fifo', permanentErrors = [], timeoutSignal, onDeadLetter, tenancy } = options;
  const { queueRetentionSeconds = 345_600 } = options;
  const { events = [Deposited, Audited], onOther = () => undefined, startsAt = 0 as EpochMs } = options;
  const banking = defineSubscription({ name: 'banking', events, ordering, permanentErrors });
  const { outbox, store, tables, clock, queue, notes } = options.before ?? createFoundation();
  const lines: Record<string, unknown>[] = [];
  const emitted: Record<string, unknown>[] = [];
  const logger = collecting(new EventLogger({ serviceName: 'banking', logLevel: 'INFO' }), lines);
  const metrics = new Metrics({ namespace: 'Waybill', serviceName: 'banking' });
  metrics.publishStoredMetrics = () => {
    emitted.push(metrics.serializeMetrics() as unknown as Record<string, unknown>);
    metrics.clearMetrics();
    return metrics;
  };
  const singles: string[] = [];
  const singleMetric = metrics.singleMetric.bind(metrics);
  metrics.singleMetric = () => {
    const single = singleMetric();
    single.publishStoredMetrics = () => {
      const { tenant_id: tenantId, _aws } = single.serializeMetrics() as unknown as SingleMetric;
      singles.push(`${_aws.CloudWatchMetrics[0].Metrics[0].Name} ${tenantId}`);
      single.clearMetrics();
      return single;
    };
    return single;
  };
  const consumer = banking.name;
  const refusedGroups = new Set<string>();
  const unreadable = new Set<string>();
  const handler = createConsumer(
    {
      subscription: banking,
      // a handler is only ever called with events of the type that it stands under
      handlers: Object.fromEntries(
        events.map(({ type }) => [type, type === Deposited.type ? (onDeposit as typeof onOther) : onOther]),
      ),
    },
    {
      inbox: createInMemoryInbox({ clock, tables, tableName: 'inbox', consumer, claim: options.claim ?? 'commit' }),
      outbox,
      logger,
      metrics: options.emitTo ?? metrics,
      clock,
      queue,
      notes,
      maxReceiveCount: 3,
      visibilityTimeoutSeconds: 60,
      queueRetentionSeconds,
      random: () => 0.5,
      strict: options.withoutStrict
        ? undefined
        : {
            cursors: refusing(
              createInMemoryCursorStore({ tables, tableName: 'cursors', consumer }),
              refusedGroups,
              unreadable,
            ),
            log: (options.log ?? ((log) => log))(
              createInMemoryEventLog({
                get events() {
                  return store.events;
                },
                readHeads: store.readHeads,
                ...(options.tombstones && { tombstones: options.tombstones }),
              }),
            ),
            sleep: async () => undefined,
            memory: createInMemoryInboxMemory({
              tables,
              tableName: 'inbox',
              consumer,
              ...(options.inboxAnswersSince && { reliableSince: options.inboxAnswersSince }),
            }),
            startInstant: async () => startsAt,
            history: options.history,
          },
      ...(options.recordSettings && { recordSettings: options.recordSettings }),
      ...(timeoutSignal && { timeoutSignal }),
      ...(onDeadLetter && { onDeadLetter }),
      ...(tenancy && { tenancy }),
      ...(options.tenants && { tenants: options.tenants }),
    },
  );
  const refuseCursorsOf = (group: string) => void refusedGroups.add(group);
  const refuseToReadCursorsOf = (group: string) => void unreadable.add(group);
  return {
    handler,
    outbox,
    clock,
    store,
    tables,
    queue,
    notes,
    lines,
    emitted,
    singles,
    refuseCursorsOf,
    refuseToReadCursorsOf,
  };
}

interface SingleMetric {
  readonly tenant_id: string;
  readonly _aws: { readonly CloudWatchMetrics: readonly [{ readonly Metrics: readonly [{ readonly Name: string }] }] };
}

/** A store whose table refuses to change the cursors of some groups, and to read those of others. */
function refusing(store: CursorStore, groups: ReadonlySet<string>, unreadable: ReadonlySet<string>): CursorStore {
  const refuse = (group: string) => {
    if (groups.has(group)) throw new Error('the table refuses');
  };
  return {
    async read(asked) {
      if (asked.some((group) => unreadable.has(group))) throw new Error('the table refuses');
      return store.read(asked);
    },
    async save(group, current, next) {
      refuse(group);
      return store.save(group, current, next);
    },
    change(group, current, next) {
      refuse(group);
      return store.change(group, current, next);
    },
  };
}

/** Its lines, and those of its children, land in `lines`. */
function collecting(logger: Logger, lines: Record<string, unknown>[]): Logger {
  const collect = (line: string) => void lines.push(JSON.parse(line));
  const createChild = logger.createChild.bind(logger);
  return Object.assign(logger, {
    console: { info: collect, error: collect, warn: collect, debug: collect },
    createChild: (options?: Parameters<typeof createChild>[0]) => collecting(createChild(options), lines),
  });
}

export async function eventOf<D extends EventDefinition>(
  definition: D,
  data: unknown,
  { id, ...more }: Partial<CloudEvent> & { id: string },
): Promise<CloudEvent> {
  const maker = { clock: createTestClock(), ids: createCountingIds() };
  const draft = await draftEvent(definition, data, { correlationId: 'request-7' }, maker);
  return { ...sealEvent(draft, 1), id, ...more };
}

let received = 0;

export const messageOf = (body: string, group?: string): SQSRecord => {
  received += 1;
  return {
    messageId: `message-${received}`,
    receiptHandle: `receipt-${received}`,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'sender',
      ApproximateFirstReceiveTimestamp: '0',
      ...(group === undefined ? {} : { MessageGroupId: group }),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:banking.fifo',
    awsRegion: 'eu-west-1',
  };
};

export const batchOf = (...Records: SQSRecord[]): SQSEvent => ({ Records });
