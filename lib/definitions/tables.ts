export interface TableAttribute {
  readonly name: string;
  readonly type: 'S' | 'N';
}

/** The schema of a table, used by the infrastructure to create it and by code to query it. */
export interface TableSchema {
  readonly partitionKey: TableAttribute;
  readonly sortKey?: TableAttribute;
  /** A number attribute in epoch seconds. */
  readonly timeToLiveAttribute?: string;
  readonly stream?: 'NEW_IMAGE';
  /**
   * Global secondary indexes. Items without the index's keys are not in it. DynamoDB adds
   * or removes one index per update of a deployed table: deploy several changes one by one. The keys of an existing
   * index cannot be changed: add a new index, move the queries, then remove the old one.
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
   */
  readonly indexes?: readonly TableIndex[];
}

export interface TableIndex {
  readonly name: string;
  readonly partitionKey: TableAttribute;
  readonly sortKey?: TableAttribute;
  /** Attributes that are in the index besides all keys; empty for keys only. @default - all */
  readonly projects?: readonly string[];
}

/** A key of any table. */
export type AnyKey = Readonly<Record<string, string | number>>;

/**
 * The key of an item, by the table's schema: `{ readonly orderId: string }` for one that was declared
 * `as const satisfies TableSchema`. Any key for a schema whose names are not known to the compiler.
 */
export type KeyOf<Schema extends TableSchema> = string extends Schema['partitionKey']['name']
  ? AnyKey
  : {
      readonly [Name in Schema['partitionKey']['name']]: Schema['partitionKey']['type'] extends 'S' ? string : number;
    } & (Schema extends {
      readonly sortKey: infer Sort extends TableAttribute;
    }
      ? { readonly [Name in Sort['name']]: Sort['type'] extends 'S' ? string : number }
      : unknown);

/** Who may work: an item per tenant, `status: 'active'` or another one. The app writes it. */
export const TENANTS_TABLE = {
  partitionKey: { name: 'tenantId', type: 'S' },
} as const satisfies TableSchema;

/**
 * Kinds of items in the outbox log; also used by the relay's stream filter.
 */
export const OUTBOX_KIND = {
  event: 'EVENT',
  head: 'HEAD',
  /** Marks a place of a group as empty: consumers continue after it. */
  tombstone: 'TOMBSTONE',
} as const;

/** Sequence of a group's head item; events start at 1. */
export const HEAD_SEQUENCE = 0;

/** The outbox log: every event under (group, sequence) for the retention time, and each group's head at sequence 0. */
export const OUTBOX_TABLE = {
  partitionKey: { name: 'partitionkey', type: 'S' },
  sortKey: { name: 'sequence', type: 'N' },
  timeToLiveAttribute: 'expires',
  stream: 'NEW_IMAGE',
} as const satisfies TableSchema;

/** Which indexes the outbox log has: none, by the event's id, or by its id and its correlation id. */
export type EventIndexes = 'none' | 'id' | 'all';

export const EVENT_INDEXES = ['none', 'id', 'all'] as const satisfies readonly EventIndexes[];

/** Names of the outbox log's indexes. Both hold keys only; heads and tombstones are in neither. */
export const OUTBOX_INDEX = {
  byId: 'by-id',
  byCorrelation: 'by-correlation',
} as const;

/** The outbox log with its indexes. */
export const outboxTableWith = (eventIndexes: EventIndexes): TableSchema => ({
  ...OUTBOX_TABLE,
  indexes: [
    { name: OUTBOX_INDEX.byId, partitionKey: { name: 'id', type: 'S' } as const, projects: [] },
    { name: OUTBOX_INDEX.byCorrelation, partitionKey: { name: 'correlation', type: 'S' } as const, projects: [] },
  ].slice(0, EVENT_INDEXES.indexOf(eventIndexes)),
});

/** The other attributes of an event in the log, and of a head (`kind`, `last`, `lastExpires`). */
export const OUTBOX_ATTRIBUTES = {
  kind: 'kind',
  /** The last sequence that the group has used; heads only. */
  last: 'last',
  /**
   * True if the sequences are an aggregate's own versions (`publish(…, { sequence })`); absent if the head assigns them.
   * Set with the first update of the head and never changed. Heads only.
   */
  versioned: 'versioned',
  /** The latest expiry of the group's events, in epoch seconds; heads only. */
  lastExpires: 'lastExpires',
  /** Time from which every earlier event of the group may have expired, in epoch seconds. */
  previousExpires: 'previousExpires',
  id: 'id',
  source: 'source',
  type: 'type',
  /** The event's correlation id; only if the log is indexed by it. */
  correlation: 'correlation',
  /** The serialized event: the exact string that becomes the bus entry's `Detail`. */
  event: 'event',
  committedAt: 'committedAt',
  /** Why, by whom and when a place was marked as empty; tombstones only. */
  reason: 'reason',
  by: 'by',
  at: 'at',
} as const;

/** One marker per unpublished event. */
export const PENDING_TABLE = {
  partitionKey: { name: 'partitionkey', type: 'S' },
  sortKey: { name: 'sequence', type: 'N' },
} as const satisfies TableSchema;

export const PENDING_ATTRIBUTES = {
  id: 'id',
  type: 'type',
  committedAt: 'committedAt',
  /** A map {code, message, at}: the event cannot be published and the relay skips it. */
  quarantined: 'quarantined',
} as const;

/** A partition of an index takes 1,000 writes per second. A higher number does not move existing notes. */
export const FAILURE_SHARDS = 8;

/** Powertools idempotency records; the attribute names are Powertools' defaults. Failure notes are beside them. */
export const INBOX_TABLE = {
  partitionKey: { name: 'id', type: 'S' },
  timeToLiveAttribute: 'expiration',
  indexes: [
    {
      /** The failure notes of events that are not handled yet, by consumer, shard and fingerprint. */
      name: 'failures',
      partitionKey: { name: 'failureShard', type: 'S' },
      sortKey: { name: 'failureKey', type: 'S' },
      // not the stack, which is most of a note
      projects: [
        ...[
          'subject',
          'tenantId',
          'code',
          'fingerprint',
          'pattern',
          'thrownAt',
          'attempts',
          'firstAt',
          'lastAt',
          'state',
          'deferred',
        ],
        ...['holdsGroup', 'source', 'type', 'group', 'sequence', 'format'],
      ],
    },
  ],
} as const satisfies TableSchema;

/**
 * Key of a skip record in the inbox table. It differs from all keys of inbox records and failure notes.
 */
export const skipRecordKey = (
  consumer: string,
  { group, sequence }: { readonly group: string; readonly sequence: number },
  generation: number,
): string => `${consumer}#skip#${group}#${sequence}#${generation}`;

/** Prefix of the keys in the inbox table under which a reconciliation stores what it knows. No consumer's keys have it. */
export const RECONCILE_KEY_PREFIX = '#reconcile#';

export const CURSORS_INDEX = {
  /** Contains cursors that older code wrote, until they change. */
  waiting: 'waiting',
  waitingShard: 'waiting-shard',
} as const;

/** A partition of an index takes 1,000 writes per second. A higher number does not move existing cursors. */
export const WAITING_SHARDS = 8;

/** The progress per (consumer, group). The id starts with the consumer's name and '#'. */
export const CURSORS_TABLE = {
  partitionKey: { name: 'id', type: 'S' },
  timeToLiveAttribute: 'expires',
  indexes: [
    {
      name: CURSORS_INDEX.waiting,
      partitionKey: { name: 'waitingConsumer', type: 'S' },
      sortKey: { name: 'waitingSince', type: 'N' },
    },
    {
      name: CURSORS_INDEX.waitingShard,
      partitionKey: { name: 'waitingShard', type: 'S' },
      sortKey: { name: 'waitingSince', type: 'N' },
    },
  ],
} as const satisfies TableSchema;

/** What operators do: runs, in chunks of events, and who did what, when and why. */
export const OPERATOR_TABLE = {
  partitionKey: { name: 'id', type: 'S' },
  sortKey: { name: 'name', type: 'S' },
  timeToLiveAttribute: 'expires',
} as const satisfies TableSchema;

/**
 * The state of a projection: its serving generation, the position of each group and the current rebuild.
 */
export const PROJECTION_STATE_TABLE = {
  partitionKey: { name: 'id', type: 'S' },
  sortKey: { name: 'name', type: 'S' },
  timeToLiveAttribute: 'expires',
} as const satisfies TableSchema;
