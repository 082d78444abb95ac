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
  /** The consumer's name, the prefix of the records' keys. */
  readonly consumer: string;
  /** How long a handled event is remembered. It must exceed the time in which its message can be received again. */
  readonly expirySeconds: number;
  readonly clock: Clock;
}

type Effect = () => Promise<void>;

/** Creates a consumer's inbox from Powertools idempotency records, which the handler's own transaction completes. */
export function createPowertoolsInbox(options: PowertoolsInboxOptions): Inbox {
  const { client, tableName, consumer, expirySeconds, clock } = options;
  const persistenceStore = new ClaimingPersistenceLayer({ client, tableName });
  const runOnce = makeIdempotent(
    // Powertools expects the context as the second argument
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
        await persistenceStore.watch(view, () => runOnce(hashedIdentity(event), withTimeLeft(context), observed));
        return ran ? 'handled' : 'duplicate';
      } catch (error) {
        // if deleting the record fails, Powertools throws that error instead of the handler's
        if (failure !== undefined) throw failure.error;
        if (isInProgress(error)) throw new InboxBusyError(event, view.busyUntil ?? clock.now(), { cause: error });
        throw error;
      }
    },
  };
}

/**
 * If no time remains, Powertools creates a claim without an end: no execution could take over until the record expires
 * after days.
 */
const withTimeLeft = (context: Context): Context => ({
  ...context,
  getRemainingTimeInMillis: () => Math.max(context.getRemainingTimeInMillis(), 1),
});

/** Powertools errors are matched by name, because a bundle may hold two copies of a class. */
const isInProgress = (error: unknown) => error instanceof Error && error.name === 'IdempotencyAlreadyInProgressError';

type ProcessExistingRecord = DynamoDBPersistenceLayer['processExistingRecord'];

/** Powertools does not export its record class from a public path. */
type IdempotencyRecord = Parameters<ProcessExistingRecord>[0];

/** What one execution knows of the record. */
interface RecordView {
  /** The end of this execution's claim, if it has one. A later claim always ends later. */
  heldUntil?: EpochMs;
  /** The end of another execution's claim, if that is why this one was refused. */
  busyUntil?: EpochMs;
}

interface ClaimingPersistenceOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/**
 * Powertools' DynamoDB layer, except that the handler's transaction completes the record: the update that Powertools
 * sends afterwards is skipped, and the delete after an error only deletes a record that is in progress and owned by
 * this execution. In Powertools both are unconditional, and a crash before the update repeats the effect.
 */
class ClaimingPersistenceLayer extends DynamoDBPersistenceLayer {
  // the base class's fields are private
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  /** Per call chain, because two executions in one process may work on the same record. */
  readonly #views = new AsyncLocalStorage<RecordView>();

  constructor({ client, tableName }: ClaimingPersistenceOptions) {
    super({ tableName, awsSdkV3Client: client });
    this.#client = client;
    this.#tableName = tableName;
  }

  /** Runs `work` on one record and collects what it learns in `view`. */
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
    // the handler's transaction has completed the record
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
      // the commit succeeded but its response was lost, or another execution owns the record now
      if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
    }
  }
}
