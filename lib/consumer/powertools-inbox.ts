import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { addMs, type Clock, toEpochSeconds } from '../shared/time.ts';
import { ClaimingPersistenceLayer, type RecordView } from './claiming-persistence-layer.ts';
import { InboxBusyError, InboxClaimLostError } from './errors.ts';
import { completionOf, hashedIdentity, INBOX_HASH, inboxRecordKey } from './inbox-record.ts';
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
