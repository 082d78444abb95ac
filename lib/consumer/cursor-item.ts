import { createHash } from 'node:crypto';
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { CURSORS_TABLE, WAITING_SHARDS } from '../contracts/index.ts';
import { type Item, ifUnchanged } from '../outbox/index.ts';
import { marshallItem, unmarshallItem } from '../shared/marshalling.ts';
import { assertStoredFormat, STORED_FORMAT } from '../shared/stored-format.ts';
import type { EpochSeconds } from '../shared/time.ts';
import type { Cursor } from './cursor.ts';

/** Whose cursor it is. */
export interface CursorOwner {
  readonly consumer: string;
  readonly group: string;
}

const cursorId = ({ consumer, group }: CursorOwner): string => `${consumer}#${group}`;

export const cursorKey = (owner: CursorOwner): Item => ({ [CURSORS_TABLE.partitionKey.name]: { S: cursorId(owner) } });

type Put = NonNullable<TransactWriteItem['Put']>;

/** The conditional put of `next` in place of `current`: what a store sends alone, or in a transaction. */
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
  const { blockedBy, ...counts } = cursor;
  return {
    ...cursorKey(owner),
    // what waits is not idle: without its cursor the group would begin behind it
    ...marshallItem({ ...STORED_FORMAT, ...owner, ...counts, ...(waits(cursor) ? {} : { expires }) }, 'a cursor'),
    // both keys of the sparse index, or neither
    ...(blockedBy === undefined
      ? {}
      : marshallItem(
          {
            waitingFor: blockedBy,
            waitingShard: waitingShard(owner.consumer, shardOf(owner.group)),
            waitingSince: blockedBy.since,
          },
          'a cursor',
        )),
  };
}

/** The partition of the index of what waits. */
export const waitingShard = (consumer: string, shard: number): string => `${consumer}#${shard}`;

const shardOf = (group: string): number => createHash('sha256').update(group).digest().readUInt8(0) % WAITING_SHARDS;

const waits = ({ processed, seen, blockedBy }: Cursor): boolean => blockedBy !== undefined || processed < seen;

/** What an item holds: an older name for what blocks the group. */
type StoredCursor = CursorOwner & Omit<Cursor, 'blockedBy'> & { readonly waitingFor: Cursor['blockedBy'] };

/** A cursor as its item holds it. */
export function readCursor(item: Item): CursorOwner & Cursor {
  const stored: unknown = unmarshallItem(item);
  assertStoredFormat(item, `cursor '${item[CURSORS_TABLE.partitionKey.name]?.S}'`);
  const { consumer, group, processed, seen, generation, revision, waitingFor, strictSince, seenTypes } =
    stored as StoredCursor;
  const era = strictSince === undefined ? {} : { strictSince };
  const types = seenTypes === undefined ? {} : { seenTypes };
  return { consumer, group, processed, seen, generation, revision, blockedBy: waitingFor, ...era, ...types };
}
