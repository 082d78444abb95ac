import { INBOX_TABLE } from '../../lib/definitions/index.ts';
import type { CommittedChange, DynamoDb } from '../dynamodb/dynamodb.ts';
import type { Consumer } from './topology.ts';

/** When every inbox record was completed, as DynamoDB itself saw it. */
export interface Effects extends Disposable {
  /** Its place among all completions of the run, from 1: the first time, if it came more than once. */
  completedAt(recordKey: string): number | undefined;
  /** From now on these consumers' records and cursors are watched, too. */
  follow(consumers: readonly WatchedConsumer[]): void;
  /** Whether the consumer's cursor moved in the same transaction: it handled the event as the next of its group. */
  keptOrder(recordKey: string): boolean;
  /** Records that were completed more than once, with how often too many. */
  repeated(): ReadonlyMap<string, number>;
}

type WatchedConsumer = Pick<Consumer, 'inboxTableName' | 'cursorsTableName'>;

const ID = INBOX_TABLE.partitionKey.name;

/** As Powertools writes it when an effect has been had. */
const COMPLETED = 'COMPLETED';

/**
 * Watches from outside the functions which transaction completes which inbox record, from now on until it is disposed
 * of. What a handler wrote along with a record that had been completed before counts as a repeated effect, too.
 */
export function watchEffects(dynamoDb: Pick<DynamoDb, 'onCommit'>, consumers: readonly WatchedConsumer[]): Effects {
  const inboxes = new Set<string>();
  const cursors = new Set<string>();
  const places = new Map<string, number>();
  const ordered = new Set<string>();
  const repeated = new Map<string, number>();
  let completions = 0;

  const follow = (watched: readonly WatchedConsumer[]) => {
    for (const { inboxTableName, cursorsTableName } of watched) {
      inboxes.add(inboxTableName);
      if (cursorsTableName !== undefined) cursors.add(cursorsTableName);
    }
  };
  follow(consumers);

  const stopListening = dynamoDb.onCommit((changes) => {
    for (const change of changes) {
      if (!inboxes.has(change.tableName) || !completes(change, changes.length)) continue;
      const recordKey = change.after?.[ID]?.S ?? '';
      completions++;
      if (places.has(recordKey)) repeated.set(recordKey, (repeated.get(recordKey) ?? 0) + 1);
      else {
        places.set(recordKey, completions);
        if (changes.some(({ tableName }) => cursors.has(tableName))) ordered.add(recordKey);
      }
    }
  });

  return {
    completedAt: (recordKey) => places.get(recordKey),
    keptOrder: (recordKey) => ordered.has(recordKey),
    repeated: () => repeated,
    follow,
    [Symbol.dispose]: stopListening,
  };
}

/** To write `COMPLETED` once more, alone, repeats nothing. */
const completes = ({ before, after }: CommittedChange, changesOfCommit: number): boolean =>
  after?.['status']?.S === COMPLETED && (before?.['status']?.S !== COMPLETED || changesOfCommit > 1);
