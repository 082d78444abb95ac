import type { JsonObject } from '../endpoint/service.ts';
import { objectAt, stringAt } from '../template/json.ts';

/** A batch call of which a part fails. */
export interface PartialFailure {
  /** What the engine still gets; undefined when nothing is left. */
  readonly input: JsonObject | undefined;
  /** The engine's answer with the failed part in it. */
  merge(output: object): object;
}

/** Which entries of a batch call fail, given all of them. */
export type ChooseFailing = (entries: readonly unknown[]) => ReadonlySet<unknown>;

type Split = (input: JsonObject, choose: ChooseFailing) => PartialFailure | undefined;

/** Which entries of a batch call DynamoDB leaves unprocessed: these, or those for which it says so. */
type Unprocessed = ReadonlySet<unknown> | ((entry: unknown) => boolean);

/** Where a batch call of DynamoDB has its entries, and its answer those that are left. */
interface BatchCall {
  /** By table. */
  entries(input: JsonObject): readonly TableEntry[];
  /** The members of the call, or of the answer, with only these entries. */
  only(input: JsonObject, entries: readonly TableEntry[]): JsonObject;
  readonly leftAt: 'UnprocessedItems' | 'UnprocessedKeys';
}

interface TableEntry {
  readonly table: string;
  readonly entry: unknown;
}

const WRITES: BatchCall = {
  entries: (requests) =>
    Object.keys(requests).flatMap((table) => listAt(requests, table).map((entry) => ({ table, entry }))),
  only: (_requests, entries) =>
    Object.fromEntries(
      [...Map.groupBy(entries, ({ table }) => table)].map(([table, list]) => [table, list.map(({ entry }) => entry)]),
    ),
  leftAt: 'UnprocessedItems',
};

/** Keys of a table share what else is asked of it: its projection, its consistency. */
const READS: BatchCall = {
  entries: (requests) =>
    Object.keys(requests).flatMap((table) =>
      listAt(objectAt(requests, table), 'Keys').map((entry) => ({ table, entry })),
    ),
  only: (requests, entries) =>
    Object.fromEntries(
      [...Map.groupBy(entries, ({ table }) => table)].map(([table, list]) => [
        table,
        { ...objectAt(requests, table), Keys: list.map(({ entry }) => entry) },
      ]),
    ),
  leftAt: 'UnprocessedKeys',
};

const UNPROCESSED: Readonly<Record<string, BatchCall>> = {
  'dynamodb:BatchWriteItem': WRITES,
  'dynamodb:BatchGetItem': READS,
};

export const mayLeaveUnprocessed = (operation: string): boolean => UNPROCESSED[operation] !== undefined;

/**
 * Takes entries out of a batch call of DynamoDB as if it had not come to them. DynamoDB refuses a call of which it can
 * process nothing, so one at least goes on.
 * @returns undefined when the call has no other entry, or none was chosen that could be left.
 */
export function leaveUnprocessed(
  operation: string,
  input: JsonObject,
  unprocessed: Unprocessed,
): PartialFailure | undefined {
  const batch = UNPROCESSED[operation];
  if (batch === undefined) return undefined;
  const requests = objectAt(input, 'RequestItems');
  const all = batch.entries(requests);
  const isLeft = typeof unprocessed === 'function' ? unprocessed : (entry: unknown) => unprocessed.has(entry);
  const left = all.filter(({ entry }) => isLeft(entry)).slice(0, all.length - 1);
  if (left.length === 0) return undefined;
  const rest = all.filter((each) => !left.includes(each));
  return {
    input: { ...input, RequestItems: batch.only(requests, rest) },
    merge: (output) => {
      const more = batch.entries(objectAt(output, batch.leftAt));
      return { ...output, [batch.leftAt]: batch.only(requests, [...more, ...left]) };
    },
  };
}

/** Requests of BatchWriteItem. */
const leaveWrites: Split = (input, choose) => {
  const chosen = choose(WRITES.entries(objectAt(input, 'RequestItems')).map(({ entry }) => entry));
  return leaveUnprocessed('dynamodb:BatchWriteItem', input, chosen);
};

const failMessages: Split = (input, choose) => {
  const entries = listAt(input, 'Entries');
  const failed = choose(entries);
  if (failed.size === 0) return undefined;
  const failures = [...failed].map((entry) => ({
    Id: stringAt(entry, 'Id'),
    SenderFault: false,
    Code: 'InternalError',
    Message: 'We encountered an internal error. Please try again.',
  }));
  return {
    input: without(input, entries, failed),
    merge: (output) => ({
      ...output,
      Successful: listAt(output, 'Successful'),
      Failed: [...listAt(output, 'Failed'), ...failures],
    }),
  };
};

/** The answer of PutEvents has an entry for each of the call's, in their order. */
const failEvents: Split = (input, choose) => {
  const entries = listAt(input, 'Entries');
  const failed = choose(entries);
  if (failed.size === 0) return undefined;
  return {
    input: without(input, entries, failed),
    merge: (output) => {
      const results = listAt(output, 'Entries').values();
      const Entries = entries.map((entry) => (failed.has(entry) ? FAILED_EVENT : results.next().value));
      return {
        FailedEntryCount: Entries.filter((entry) => stringAt(entry, 'ErrorCode') !== undefined).length,
        Entries,
      };
    },
  };
};

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html */
const FAILED_EVENT = { ErrorCode: 'InternalFailure', ErrorMessage: 'Unexpected error' };

const SPLITS: Readonly<Record<string, Split>> = {
  'dynamodb:BatchWriteItem': leaveWrites,
  'sqs:SendMessageBatch': failMessages,
  'sqs:DeleteMessageBatch': failMessages,
  'sqs:ChangeMessageVisibilityBatch': failMessages,
  'events:PutEvents': failEvents,
};

export const isBatchCall = (operation: string): boolean => SPLITS[operation] !== undefined;

/** Takes entries out of a batch call as if the service had failed on them; nothing when none was chosen. */
export const failInPart = (operation: string, input: JsonObject, choose: ChooseFailing): PartialFailure | undefined =>
  SPLITS[operation]?.(input, choose);

function without(input: JsonObject, entries: readonly unknown[], failed: ReadonlySet<unknown>): JsonObject | undefined {
  const rest = entries.filter((entry) => !failed.has(entry));
  return rest.length === 0 ? undefined : { ...input, Entries: rest };
}

function listAt(holder: object, member: string): readonly unknown[] {
  const value: unknown = Reflect.get(holder, member);
  return Array.isArray(value) ? value : [];
}
