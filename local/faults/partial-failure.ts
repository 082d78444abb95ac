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

/** Requests of BatchWriteItem: DynamoDB refuses a call of which it can process nothing, so one at least goes on. */
const leaveUnprocessed: Split = (input, choose) => {
  const requests = requestsOf(objectAt(input, 'RequestItems'));
  const chosen = choose(requests.map(({ request }) => request));
  const unprocessed = requests.filter(({ request }) => chosen.has(request)).slice(0, requests.length - 1);
  if (unprocessed.length === 0) return undefined;
  const rest = requests.filter((request) => !unprocessed.includes(request));
  return {
    input: { ...input, RequestItems: byTable(rest) },
    merge: (output) => ({
      ...output,
      UnprocessedItems: byTable([...requestsOf(objectAt(output, 'UnprocessedItems')), ...unprocessed]),
    }),
  };
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
  'dynamodb:BatchWriteItem': leaveUnprocessed,
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

interface TableRequest {
  readonly table: string;
  readonly request: unknown;
}

const requestsOf = (byTable: JsonObject): readonly TableRequest[] =>
  Object.keys(byTable).flatMap((table) => listAt(byTable, table).map((request) => ({ table, request })));

const byTable = (requests: readonly TableRequest[]): JsonObject =>
  Object.fromEntries(
    [...Map.groupBy(requests, ({ table }) => table)].map(([table, list]) => [
      table,
      list.map(({ request }) => request),
    ]),
  );

function listAt(holder: object, member: string): readonly unknown[] {
  const value: unknown = Reflect.get(holder, member);
  return Array.isArray(value) ? value : [];
}
