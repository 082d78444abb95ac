import { INBOX_TABLE } from '../../lib/contracts/index.ts';
import type { CommittedChange, DynamoDb } from '../dynamodb/dynamodb.ts';

/** When every inbox record was completed, as DynamoDB itself saw it. */
export interface Effects extends Disposable {
  /** Its place among all completions of the run, from 1: the first time, if it came more than once. */
  completedAt(recordKey: string): number | undefined;
  /** From now on these tables hold inbox records, too. */
  follow(inboxTableNames: Iterable<string>): void;
  /** Records that were completed more than once, with how often too many. */
  repeated(): ReadonlyMap<string, number>;
}

const ID = INBOX_TABLE.partitionKey.name;

/** As Powertools writes it when an effect has been had. */
const COMPLETED = 'COMPLETED';

/**
 * Watches from outside the functions which transaction completes which inbox record, from now on until it is disposed
 * of. What a handler wrote along with a record that had been completed before counts as a repeated effect, too.
 */
export function watchEffects(dynamoDb: Pick<DynamoDb, 'onCommit'>, inboxTableNames: Iterable<string>): Effects {
  const inboxes = new Set(inboxTableNames);
  const places = new Map<string, number>();
  const repeated = new Map<string, number>();
  let completions = 0;

  const stopListening = dynamoDb.onCommit((changes) => {
    for (const change of changes) {
      if (!inboxes.has(change.tableName) || !completes(change, changes.length)) continue;
      const recordKey = change.after?.[ID]?.S ?? '';
      completions++;
      if (places.has(recordKey)) repeated.set(recordKey, (repeated.get(recordKey) ?? 0) + 1);
      else places.set(recordKey, completions);
    }
  });

  return {
    completedAt: (recordKey) => places.get(recordKey),
    repeated: () => repeated,
    follow(names) {
      for (const name of names) inboxes.add(name);
    },
    [Symbol.dispose]: stopListening,
  };
}

/** To write `COMPLETED` once more, alone, repeats nothing. */
const completes = ({ before, after }: CommittedChange, changesOfCommit: number): boolean =>
  after?.['status']?.S === COMPLETED && (before?.['status']?.S !== COMPLETED || changesOfCommit > 1);
