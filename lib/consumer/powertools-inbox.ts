import { AsyncLocalStorage } from 'node:async_hooks';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { DeleteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { addMs, type Clock, type EpochMs, toEpochSeconds } from '../shared/time.ts';
import { InboxBusyError, InboxClaimLostError } from './errors.ts';
import {
  completionOf,
  hashedIdentity,
  INBOX_HASH,
  inboxRecordKey,
  OURS_IN_PROGRESS,
  oursInProgress,
  recordKeyOf,
} from './inbox-record.ts';
import type { EventIdentity, Inbox, InboxClaim } from './ports.ts';

export interface PowertoolsInboxOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Name of the consumer: the records' key prefix. */
  readonly consumer: string;
  /** How long a handled event is remembered; it must outlast every way in which its message can come back. */
  readonly expirySeconds: number;
  readonly clock: Clock;
}

type Effect = () => Promise<void>;

/** One inbox per consumer, kept as Powertools idempotency records that the effect's own transaction completes. */
export function createPowertoolsInbox(options: PowertoolsInboxOptions): Inbox {
  const { client, tableName, consumer, expirySeconds, clock } = options;
  const persistenceStore = new ClaimingPersistenceLayer({ client, tableName });
  const runOnce = makeIdempotent(
    // the context stands second, where Powertools looks for it
    async (_identity: readonly (string | number)[], _context: Context, effect: Effect) => {
      await effect();
    },
    {
      persistenceStore,
      config: new IdempotencyConfig({
        expiresAfterSeconds: expirySeconds,
        throwOnNoIdempotencyKey: true,
        hashFunction: INBOX_HASH,
      }),
      keyPrefix: consumer,
    },
  );

  const claimOf = (event: EventIdentity, { heldUntil }: RecordView): InboxClaim => {
    if (heldUntil === undefined) throw new InboxClaimLostError(event);
    const expiration = toEpochSeconds(addMs(clock.now(), expirySeconds * 1000));
    return {
      completion: {
        write: completionOf(tableName, inboxRecordKey(consumer, event), heldUntil, expiration),
        refused: () => new InboxClaimLostError(event),
      },
    };
  };

  return {
    async once(event, effect, context) {
      const view: RecordView = {};
      let ran = false;
      let failure: { readonly error: unknown } | undefined;
      const observed: Effect = async () => {
        ran = true;
        try {
          await effect(claimOf(event, view));
        } catch (error) {
          failure = { error };
          throw error;
        }
      };
      try {
        await persistenceStore.watch(view, () => runOnce(hashedIdentity(event), endingLater(context), observed));
        return ran ? 'handled' : 'duplicate';
      } catch (error) {
        // Powertools puts its own trouble with forgetting the record in place of the effect's error
        if (failure !== undefined) throw failure.error;
        if (isInProgress(error)) throw new InboxBusyError(event, view.busyUntil ?? clock.now(), { cause: error });
        throw error;
      }
    },
  };
}

/**
 * Where no time is left, Powertools gives a claim no end: nobody could take it over until the record expires, after
 * days, and the event would be as if another execution had it.
 */
const endingLater = (context: Context): Context => ({
  ...context,
  getRemainingTimeInMillis: () => Math.max(context.getRemainingTimeInMillis(), 1),
});

/** Powertools knows its errors by name: a bundle may hold two copies of a class. */
const isInProgress = (error: unknown) => error instanceof Error && error.name === 'IdempotencyAlreadyInProgressError';

type ProcessExistingRecord = DynamoDBPersistenceLayer['processExistingRecord'];

/** Powertools exports the class of its records from no public path. */
type IdempotencyRecord = Parameters<ProcessExistingRecord>[0];

/** What one execution knows of the record that it works on. */
interface RecordView {
  /** Until when the record is this execution's, if it is: a successor's claim always ends later. */
  heldUntil?: EpochMs;
  /** Until when it is another execution's, if that is why this one was turned away. */
  busyUntil?: EpochMs;
}

interface ClaimingPersistenceOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/**
 * Powertools' DynamoDB layer, with the completion of a record left to the transaction of its effect: the update that
 * Powertools sends after the effect is skipped, and the delete after an error deletes only what is still in progress
 * and ours. (As Powertools has them both are unconditional, and a crash before the update repeats the effect.)
 */
class ClaimingPersistenceLayer extends DynamoDBPersistenceLayer {
  // the layer's own are private
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  /** Told by the chain of calls, since two executions in one process may work on one record. */
  readonly #views = new AsyncLocalStorage<RecordView>();

  constructor({ client, tableName }: ClaimingPersistenceOptions) {
    super({ tableName, awsSdkV3Client: client });
    this.#client = client;
    this.#tableName = tableName;
  }

  /** Runs `work` on one record; what is learnt of it is kept in `view`. */
  watch<Result>(view: RecordView, work: () => Promise<Result>): Promise<Result> {
    return this.#views.run(view, work);
  }

  override processExistingRecord(...args: Parameters<ProcessExistingRecord>): ReturnType<ProcessExistingRecord> {
    const view = this.#views.getStore();
    if (view !== undefined) view.busyUntil = args[0].inProgressExpiryTimestamp as EpochMs;
    return super.processExistingRecord(...args);
  }

  protected override async _putRecord(record: IdempotencyRecord): Promise<void> {
    await super._putRecord(record);
    const view = this.#views.getStore();
    if (view !== undefined) view.heldUntil = record.inProgressExpiryTimestamp as EpochMs;
  }

  protected override async _updateRecord(): Promise<void> {
    // the effect's own transaction has completed the record
  }

  protected override async _deleteRecord({ idempotencyKey }: IdempotencyRecord): Promise<void> {
    const heldUntil = this.#views.getStore()?.heldUntil;
    if (heldUntil === undefined) return;
    try {
      await this.#client.send(
        new DeleteItemCommand({
          TableName: this.#tableName,
          Key: recordKeyOf(idempotencyKey),
          ConditionExpression: OURS_IN_PROGRESS,
          ...oursInProgress(heldUntil),
        }),
      );
    } catch (error) {
      // completed after all (the answer to the commit was lost), or another execution's by now: not ours to delete
      if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
    }
  }
}
