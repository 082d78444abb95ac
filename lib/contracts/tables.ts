export interface TableAttribute {
  readonly name: string;
  readonly type: 'S' | 'N';
}

/** What infrastructure creates a table from and code queries it by. */
export interface TableSchema {
  readonly partitionKey: TableAttribute;
  readonly sortKey?: TableAttribute;
  /** A Number attribute with epoch seconds. */
  readonly timeToLiveAttribute?: string;
  readonly stream?: 'NEW_IMAGE';
  /**
   * Global secondary indexes with all attributes; an item without the index's keys is not in it. On a table that is
   * deployed, DynamoDB takes one index more or one less in each update: deploy several one by one. The keys of one that
   * is there cannot be changed: add another, move the queries, then take the old one away.
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
   */
  readonly indexes?: readonly TableIndex[];
}

export interface TableIndex {
  readonly name: string;
  readonly partitionKey: TableAttribute;
  readonly sortKey?: TableAttribute;
}

/** Tells events from their group's head, and from places without one, in the outbox log; the relay's stream filter reads it. */
export const OUTBOX_KIND = {
  event: 'EVENT',
  head: 'HEAD',
  /** Marks a place of a group as empty for good: consumers step over it. */
  tombstone: 'TOMBSTONE',
} as const;

/** Where a group's head stands: events start at 1. */
export const HEAD_SEQUENCE = 0;

/** The log: every event under (group, sequence) for the retention time, and each group's head at sequence 0. */
export const OUTBOX_TABLE = {
  partitionKey: { name: 'partitionkey', type: 'S' },
  sortKey: { name: 'sequence', type: 'N' },
  timeToLiveAttribute: 'expires',
  stream: 'NEW_IMAGE',
} as const satisfies TableSchema;

/** The other attributes of an event in the log, and of a head (`kind`, `last`, `lastExpires`). */
export const OUTBOX_ATTRIBUTES = {
  kind: 'kind',
  /** The last sequence that the group has used; heads only. */
  last: 'last',
  /**
   * True: the numbers are an aggregate's own versions (`publish(…, { sequence })`); absent: the head gives them. Set with
   * the head's first move; whoever raises `last` leaves it as it is. Heads only.
   */
  versioned: 'versioned',
  /** The latest expiry of the group's events, in epoch seconds; heads only. */
  lastExpires: 'lastExpires',
  /** From when on retention may have taken every earlier event of the group, in epoch seconds. */
  previousExpires: 'previousExpires',
  id: 'id',
  source: 'source',
  type: 'type',
  /** The serialized event: the exact string that becomes the bus entry's `Detail`. */
  event: 'event',
  committedAt: 'committedAt',
  /** Why a place is empty for good, who said so and when; tombstones only. */
  reason: 'reason',
  by: 'by',
  at: 'at',
} as const;

/** One small marker per event that is not published yet. */
export const PENDING_TABLE = {
  partitionKey: { name: 'partitionkey', type: 'S' },
  sortKey: { name: 'sequence', type: 'N' },
} as const satisfies TableSchema;

export const PENDING_ATTRIBUTES = {
  id: 'id',
  type: 'type',
  committedAt: 'committedAt',
  /** A map {code, message, at}: the event can never be published as it is; the relay passes it by. */
  quarantined: 'quarantined',
} as const;

/** Powertools idempotency records; the attribute names are Powertools' defaults. */
export const INBOX_TABLE = {
  partitionKey: { name: 'id', type: 'S' },
  timeToLiveAttribute: 'expiration',
} as const satisfies TableSchema;

/**
 * Key in the inbox table of the record that an operator let a consumer step over an event: no inbox record and no
 * failure note can have it.
 */
export const skipRecordKey = (
  consumer: string,
  { group, sequence }: { readonly group: string; readonly sequence: number },
  generation: number,
): string => `${consumer}#skip#${group}#${sequence}#${generation}`;

export const CURSORS_INDEX = {
  /** Cursors that code from before the shards has written, as long as they wait unchanged; nothing new. */
  waiting: 'waiting',
  waitingShard: 'waiting-shard',
} as const;

/** A partition of an index takes 1,000 writes a second. Once in use, a higher number leaves cursors where they are. */
export const WAITING_SHARDS = 8;

/** Per (consumer, group): how far the consumer has come. The id starts with the consumer's name and '#'. */
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

/** Of each projection: which generation of its view serves, how far each group is in each, and the rebuild under way. */
export const PROJECTION_STATE_TABLE = {
  partitionKey: { name: 'id', type: 'S' },
  sortKey: { name: 'name', type: 'S' },
  timeToLiveAttribute: 'expires',
} as const satisfies TableSchema;
