import { createHash } from 'node:crypto';
import { type DynamoDBClient, PutItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { CURSORS_TABLE, WAITING_SHARDS } from '../definitions/index.ts';
import { type Item, ifUnchanged } from '../outbox/index.ts';
import type { Sleep } from '../shared/backoff.ts';
import { batchGet } from '../shared/batch-get.ts';
import { marshallItem, unmarshallItem } from '../shared/marshalling.ts';
import { assertCursorFormat, HELD_BACK_CURSOR_FORMAT, STORED_FORMAT } from '../shared/stored-format.ts';
import { addMs, type Clock, type EpochSeconds, toEpochSeconds } from '../shared/time.ts';
import type { Cursor } from './cursor.ts';
import { CursorMovedError, CursorsUnreadError } from './errors.ts';
import type { CursorStore } from './ports.ts';

export interface DynamoDbCursorStoreOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly consumer: string;
  /** How long a cursor without waiting events is kept after its last change: twice the outbox retention. */
  readonly expirySeconds: number;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
}

export interface DynamoDbCursorReaderOptions
  extends Pick<DynamoDbCursorStoreOptions, 'client' | 'tableName' | 'consumer' | 'sleep' | 'random'> {
  /** False reads at half the cost what may be a moment old. @default true */
  readonly consistent?: boolean;
}

/** Reads a consumer's cursors, a hundred per call. */
export function createDynamoDbCursorReader(options: DynamoDbCursorReaderOptions): Pick<CursorStore, 'read'> {
  const { tableName, consumer } = options;
  const unread = (missing: number, reads: number) => new CursorsUnreadError(consumer, tableName, missing, reads);
  return {
    async read(groups) {
      const keys = groups.map((group) => cursorKey({ consumer, group }));
      const cursors = new Map<string, Cursor>();
      for (const item of await batchGet({ ...options, unread }, keys)) {
        const { consumer: _, group, ...cursor } = readCursor(item);
        cursors.set(group, cursor);
      }
      return cursors;
    },
  };
}

export function createDynamoDbCursorStore(options: DynamoDbCursorStoreOptions): CursorStore {
  const { client, tableName, consumer, expirySeconds, clock, sleep, random } = options;

  const putOf = (group: string, current: Cursor, next: Cursor) => {
    const expires = toEpochSeconds(addMs(clock.now(), expirySeconds * 1000));
    return cursorPut(tableName, { consumer, group }, current, next, expires);
  };

  return {
    ...createDynamoDbCursorReader({ client, tableName, consumer, sleep, random }),

    async save(group, current, next) {
      try {
        await client.send(new PutItemCommand(putOf(group, current, next)));
        return 'saved';
      } catch (error) {
        if ((error as { name?: string }).name === 'ConditionalCheckFailedException') return 'conflict';
        throw error;
      }
    },

    change: (group, current, next) => ({
      write: { Put: putOf(group, current, next) },
      refused: () => new CursorMovedError(consumer, group),
    }),
  };
}

/** The consumer and group of a cursor. */
export interface CursorOwner {
  readonly consumer: string;
  readonly group: string;
}

const cursorId = ({ consumer, group }: CursorOwner): string => `${consumer}#${group}`;

export const cursorKey = (owner: CursorOwner): Item => ({ [CURSORS_TABLE.partitionKey.name]: { S: cursorId(owner) } });

type Put = NonNullable<TransactWriteItem['Put']>;

/** The conditional put of `next` in place of `current`, sent alone or in a transaction. */
export function cursorPut(
  tableName: string,
  owner: CursorOwner,
  current: Cursor,
  next: Cursor,
  expires: EpochSeconds,
): Put {
  return {
    TableName: tableName,
    Item: { ...cursorItem(owner, { ...next, revision: current.revision + 1 }, expires) },
    ...ifUnchanged('revision', current.revision === 0 ? undefined : { N: String(current.revision) }),
  };
}

function cursorItem(owner: CursorOwner, cursor: Cursor, expires: EpochSeconds): Item {
  const { blockedBy, paused, ...counts } = cursor;
  const since = blockedBy?.since ?? paused?.since;
  return {
    ...cursorKey(owner),
    // a waiting group is not idle: without its cursor it would start after the waiting events
    ...marshallItem({ ...owner, ...counts, ...(waits(cursor) ? {} : { expires }) }, 'a cursor'),
    // older code would handle the events of a paused group, and those behind a replay again: it cannot read the format, and defers them
    ...marshallItem(paused !== undefined || isReplaying(cursor) ? HELD_BACK_CURSOR_FORMAT : STORED_FORMAT, 'a cursor'),
    ...marshallItem(paused === undefined ? {} : { paused }, 'a cursor'),
    ...marshallItem(blockedBy === undefined ? {} : { waitingFor: blockedBy }, 'a cursor'),
    // both keys of the sparse index, or neither
    ...marshallItem(
      since === undefined
        ? {}
        : { waitingShard: waitingShard(owner.consumer, shardOf(owner.group)), waitingSince: since },
      'a cursor',
    ),
  };
}

/** The partition key of the index of waiting groups. */
export const waitingShard = (consumer: string, shard: number): string => `${consumer}#${shard}`;

const shardOf = (group: string): number => createHash('sha256').update(group).digest().readUInt8(0) % WAITING_SHARDS;

const isReplaying = ({ processed, replay }: Cursor): boolean => replay !== undefined && processed < replay.upTo;

const waits = ({ processed, seen, blockedBy, paused }: Cursor): boolean =>
  blockedBy !== undefined || paused !== undefined || processed < seen;

/** The stored form. `waitingFor` is the stored name of `blockedBy`. */
type StoredCursor = CursorOwner & Omit<Cursor, 'blockedBy'> & { readonly waitingFor: Cursor['blockedBy'] };

/** Reads a cursor from its item. */
export function readCursor(item: Item): CursorOwner & Cursor {
  const stored: unknown = unmarshallItem(item);
  assertCursorFormat(item, `cursor '${item[CURSORS_TABLE.partitionKey.name]?.S}'`);
  const { consumer, group, processed, seen, generation, revision, waitingFor, paused, replay, strictSince, seenTypes } =
    stored as StoredCursor;
  const era = strictSince === undefined ? {} : { strictSince };
  const types = seenTypes === undefined ? {} : { seenTypes };
  const optional = { ...(paused === undefined ? {} : { paused }), ...(replay === undefined ? {} : { replay }) };
  return {
    consumer,
    group,
    processed,
    seen,
    generation,
    revision,
    blockedBy: waitingFor,
    ...optional,
    ...era,
    ...types,
  };
}
