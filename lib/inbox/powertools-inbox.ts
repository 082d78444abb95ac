import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { InboxBusyError } from './errors.ts';
import type { Inbox } from './ports.ts';
import { INBOX_HASH } from './record-key.ts';

export interface PowertoolsInboxOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Name of the consumer: the records' key prefix. */
  readonly consumer: string;
  /** How long a handled event is remembered; it must outlast every way in which its message can come back. */
  readonly expirySeconds: number;
}

type Effect = () => Promise<void>;

/** One inbox per consumer, kept as Powertools idempotency records. */
export function createPowertoolsInbox(options: PowertoolsInboxOptions): Inbox {
  const { client, tableName, consumer, expirySeconds } = options;
  const runOnce = makeIdempotent(
    // the context stands second, where Powertools looks for it
    async (_identity: readonly [string, string], _context: Context, effect: Effect) => {
      await effect();
    },
    {
      persistenceStore: new DynamoDBPersistenceLayer({ tableName, awsSdkV3Client: client }),
      config: new IdempotencyConfig({
        expiresAfterSeconds: expirySeconds,
        throwOnNoIdempotencyKey: true,
        hashFunction: INBOX_HASH,
      }),
      keyPrefix: consumer,
    },
  );

  return {
    async once(event, effect, context) {
      let ran = false;
      let failure: { readonly error: unknown } | undefined;
      const observed: Effect = async () => {
        ran = true;
        try {
          await effect();
        } catch (error) {
          failure = { error };
          throw error;
        }
      };
      try {
        await runOnce([event.source, event.id], context, observed);
      } catch (error) {
        // Powertools puts its own trouble with forgetting the record in place of the effect's error
        if (failure !== undefined) throw failure.error;
        if (isInProgress(error)) throw new InboxBusyError(event, { cause: error });
        throw error;
      }
      return ran ? 'handled' : 'duplicate';
    },
  };
}

/** Powertools knows its errors by name: a bundle may hold two copies of a class. */
const isInProgress = (error: unknown) => error instanceof Error && error.name === 'IdempotencyAlreadyInProgressError';
