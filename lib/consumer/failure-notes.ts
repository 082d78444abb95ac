import { createHash } from 'node:crypto';
import { type AttributeValue, type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { FAILURE_SHARDS, INBOX_TABLE } from '../definitions/index.ts';
import { marshallItem, unmarshallItem } from '../shared/marshalling.ts';
import { assertStoredFormat, STORED_FORMAT } from '../shared/stored-format.ts';
import { addMs, type Clock, type EpochMs, toEpochSeconds } from '../shared/time.ts';
import { type FailureFingerprint, fingerprintOf } from './failure-fingerprint.ts';

/** What is stored about an event that a consumer failed to handle. */
export interface FailureNote extends Partial<FailureFingerprint> {
  /** The event's id. If the message holds no event, `message:` and the message's id. */
  readonly subject: string;
  /** The event's tenant; absent if it has none, or the message holds no event. */
  readonly tenantId?: string;
  /** `error.code`, else `error.name`. */
  readonly code: string;
  readonly message: string;
  /** The first lines of the stack; empty if there is none. */
  readonly stackHead: string;
  /** Where in the user's own code: `functions/billing/handler.ts:12`; absent if the stack does not say it. */
  readonly thrownAt?: string | undefined;
  /** Receives of its message so far. A redrive restarts the count. */
  readonly attempts: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  /** `dead`: in the DLQ, or about to be moved there. */
  readonly state: 'retrying' | 'dead';
  /** Whether it waits for something else and cannot become a dead letter for this failure; absent if it does not. */
  readonly deferred?: true | undefined;
  /** Whether its group is blocked by it. */
  readonly holdsGroup: boolean;
  /** Of the event, and its place in the log; absent if the message holds no event, and in notes of older releases. */
  readonly event?: FailedEvent | undefined;
  /** When the event was handled or skipped after all; absent until then. */
  readonly resolvedAt?: EpochMs | undefined;
  /** When the consumer's code first did not know the event's type; absent after other failures. */
  readonly unknownSince?: EpochMs | undefined;
}

/** The type of a failed event, and its place in the log. */
export interface FailedEvent {
  readonly source: string;
  readonly type: string;
  readonly group: string;
  readonly sequence: number;
}

/** A failure as it is recorded. Its times and its fingerprint are not given. */
export type NewFailure = Omit<FailureNote, 'firstAt' | 'lastAt' | 'resolvedAt' | keyof FailureFingerprint>;

/** The consumer's failure notes, stored in the inbox table. */
export interface FailureNotes {
  /** Records a failure, which is listed until it is resolved. The time of the first failure is kept. */
  record(failure: NewFailure): Promise<void>;
  /** Notes that the event was handled or skipped: it is not listed any more. Without a note it does nothing. */
  resolve(subject: string): Promise<void>;
  find(subject: string): Promise<FailureNote | undefined>;
}

export interface DynamoDbFailureNotesOptions {
  readonly client: DynamoDBClient;
  /** The inbox table. */
  readonly tableName: string;
  readonly consumer: string;
  /** How long a note is kept after the last failure. */
  readonly expirySeconds: number;
  readonly clock: Clock;
}

/** Key of a note in the inbox table. */
export const noteKey = (consumer: string, subject: string) => ({
  [INBOX_TABLE.partitionKey.name]: { S: `${consumer}#note#${subject}` },
});

const [FAILURES_INDEX] = INBOX_TABLE.indexes;

const shardOf = (subject: string): number =>
  createHash('sha256').update(subject).digest().readUInt32BE(0) % FAILURE_SHARDS;

/** The partition of the failures index. */
export const failureShard = (consumer: string, shard: number): string => `${consumer}#${shard}`;

/** The beginning of the sort key of all failures with a fingerprint. */
export const failureKeyPrefix = (fingerprint: string): string => `${fingerprint}#`;

export function createDynamoDbFailureNotes(options: DynamoDbFailureNotesOptions): FailureNotes {
  const { client, tableName, consumer, expirySeconds, clock } = options;
  const indexed = [FAILURES_INDEX.partitionKey.name, FAILURES_INDEX.sortKey.name] as const;
  const [shardName, keyName] = indexed;
  return {
    async record(failure) {
      const now = clock.now();
      const { event, unknownSince, thrownAt, deferred, ...note } = failure;
      const { source, type, group, sequence } = event ?? {};
      const fingerprint = fingerprintOf(failure);
      const optional = { unknownSince, thrownAt, deferred, source, type, group, sequence, resolvedAt: undefined };
      const values: Record<string, unknown> = {
        ...STORED_FORMAT,
        ...note,
        ...fingerprint,
        ...withoutAbsent(optional),
        lastAt: now,
        [shardName]: failureShard(consumer, shardOf(note.subject)),
        [keyName]: `${failureKeyPrefix(fingerprint.fingerprint)}${note.subject}`,
        [INBOX_TABLE.timeToLiveAttribute]: toEpochSeconds(addMs(now, expirySeconds * 1000)),
      };
      const absent = Object.keys(optional).filter((name) => !Object.hasOwn(values, name));
      const names = Object.keys(values);
      const remove = absent.map((name) => `#${name}`).join(', ');
      await client.send(
        new UpdateItemCommand({
          TableName: tableName,
          Key: noteKey(consumer, note.subject),
          UpdateExpression: `SET #firstAt = if_not_exists(#firstAt, :now), ${names.map((name) => `#${name} = :${name}`).join(', ')} REMOVE ${remove}`,
          ExpressionAttributeNames: Object.fromEntries(
            ['firstAt', ...absent, ...names].map((name) => [`#${name}`, name]),
          ),
          ExpressionAttributeValues: marshallItem(
            {
              ':now': now,
              ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
            },
            'a failure note',
          ),
        }),
      );
    },

    async resolve(subject) {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: tableName,
            Key: noteKey(consumer, subject),
            UpdateExpression: 'SET #resolvedAt = :now REMOVE #shard, #key',
            ConditionExpression: 'attribute_exists(#shard)',
            ExpressionAttributeNames: { '#resolvedAt': 'resolvedAt', '#shard': shardName, '#key': keyName },
            ExpressionAttributeValues: { ':now': { N: String(clock.now()) } },
          }),
        );
      } catch (error) {
        // there is no note, or it was resolved before
        if ((error as { name?: string }).name !== 'ConditionalCheckFailedException') throw error;
      }
    },

    async find(subject) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: tableName, Key: noteKey(consumer, subject), ConsistentRead: true }),
      );
      return Item && noteOfItem(Item, subject);
    },
  };
}

/** Reads a note. @throws StoredFormatError `STORED_FORMAT_UNKNOWN` */
export function noteOfItem(item: Record<string, AttributeValue>, subject: string): FailureNote {
  const { message, stackHead, resolvedAt, unknownSince } = unmarshallItem(item) as unknown as FailureNote;
  return { ...readFailure(item, subject), message, stackHead, ...withoutAbsent({ resolvedAt, unknownSince }) };
}

/** A failure as the index has it: what it is about and how it stands, without texts that may hold data. */
export type IndexedFailure = Omit<FailureNote, 'message' | 'stackHead' | 'resolvedAt' | 'unknownSince'>;

/** Reads what the index has of a note. @throws StoredFormatError `STORED_FORMAT_UNKNOWN` */
export function readFailure(item: Record<string, AttributeValue>, subject: string): IndexedFailure {
  assertStoredFormat(item, `the failure note of '${subject}'`);
  const note = unmarshallItem(item) as unknown as IndexedFailure & Partial<FailedEvent>;
  const { tenantId, thrownAt, deferred, fingerprint, pattern, source, type, group, sequence } = note;
  const { code, attempts, firstAt, lastAt, state, holdsGroup } = note;
  const hasEvent = source !== undefined && type !== undefined && group !== undefined && sequence !== undefined;
  return {
    ...{ subject, code, attempts, firstAt, lastAt, state, holdsGroup },
    ...withoutAbsent({ tenantId, thrownAt, deferred, fingerprint, pattern }),
    ...(hasEvent ? { event: { source, type, group, sequence } } : {}),
  };
}

/** An item has no undefined attributes. */
const withoutAbsent = <Members extends object>(members: Members): Partial<Members> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<Members>;
