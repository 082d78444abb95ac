import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import type { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import type { Claim } from '../definitions/index.ts';
import { addMs, type Clock, toEpochSeconds } from '../shared/time.ts';
import { type CommitClaim, claimAtCommit, concludeBy } from './commit-claim.ts';
import { InboxBusyError, InboxClaimLostError } from './errors.ts';
import {
  completedPut,
  completionOf,
  createDynamoDbInboxRecords,
  hashedIdentity,
  INBOX_HASH,
  inboxRecordKey,
} from './inbox-record.ts';
import type { EventIdentity, Inbox, InboxClaim } from './ports.ts';
import { ClaimingPersistenceLayer, CommittingPersistenceLayer, type RecordView } from './powertools-persistence.ts';

export interface PowertoolsInboxOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** The consumer's name, the prefix of the records' keys. */
  readonly consumer: string;
  /** How long a handled event is remembered. It must exceed the time in which its message can be received again. */
  readonly expirySeconds: number;
  readonly clock: Clock;
  /** When the consumer claims an event. Records of both forms are read by both. @default 'commit' */
  readonly claim?: Claim;
}

type Effect = () => Promise<void>;

/** Creates a consumer's inbox from Powertools idempotency records, which the handler's own transaction completes. */
export const createPowertoolsInbox = (options: PowertoolsInboxOptions): Inbox =>
  options.claim === 'before' ? createClaimingInbox(options) : createCommittingInbox(options);

const runOnceWith = (persistenceStore: DynamoDBPersistenceLayer, { consumer, expirySeconds }: PowertoolsInboxOptions) =>
  makeIdempotent(
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

/** The commit puts the completed record. */
function createCommittingInbox(options: PowertoolsInboxOptions): Inbox {
  const { tableName, consumer, expirySeconds, clock } = options;
  const runOnce = runOnceWith(new CommittingPersistenceLayer(options), options);
  const records = createDynamoDbInboxRecords(options);

  const claimFor = (event: EventIdentity): CommitClaim => {
    const now = clock.now();
    const expiration = toEpochSeconds(addMs(now, expirySeconds * 1000));
    return claimAtCommit(event, {
      put: completedPut(tableName, inboxRecordKey(consumer, event), { now, expiration }),
      find: () => records.find(event),
      clock,
    });
  };

  return {
    async once(event, effect, context) {
      const { claim, conclude } = claimFor(event);
      const observed = observe(() => effect(claim));
      try {
        await runOnce(hashedIdentity(event), withTimeLeft(context), observed.effect);
        return 'handled';
      } catch (error) {
        const { failure } = observed;
        if (failure === undefined) throw error;
        return conclude(failure.error);
      }
    },
  };
}

/** The record is claimed before the effect; the commit completes it. */
function createClaimingInbox(options: PowertoolsInboxOptions): Inbox {
  const { tableName, consumer, expirySeconds, clock } = options;
  const persistenceStore = new ClaimingPersistenceLayer(options);
  const runOnce = runOnceWith(persistenceStore, options);

  const claimFor = (event: EventIdentity, { heldUntil }: RecordView): InboxClaim => {
    if (heldUntil === undefined) throw new InboxClaimLostError(event);
    const expiration = toEpochSeconds(addMs(clock.now(), expirySeconds * 1000));
    return {
      completion: {
        write: completionOf(tableName, inboxRecordKey(consumer, event), heldUntil, expiration),
        refused: () => new InboxClaimLostError(event),
      },
      // nobody else runs it while the claim lasts
      assertOpen: async () => undefined,
    };
  };

  return {
    async once(event, effect, context) {
      const view: RecordView = {};
      const observed = observe(() => effect(claimFor(event, view)));
      try {
        await persistenceStore.watch(view, () =>
          runOnce(hashedIdentity(event), withTimeLeft(context), observed.effect),
        );
        return observed.hasRun ? 'handled' : 'duplicate';
      } catch (error) {
        // if ending the claim fails, Powertools throws that error instead of the handler's
        if (observed.failure !== undefined) {
          return concludeBy(event, view.existing, clock.now(), observed.failure.error);
        }
        if (isInProgress(error)) throw new InboxBusyError(event, view.busyUntil ?? clock.now(), { cause: error });
        throw error;
      }
    },
  };
}

interface ObservedEffect {
  readonly effect: Effect;
  hasRun: boolean;
  failure: { readonly error: unknown } | undefined;
}

/** Notes whether the effect ran and what it failed with, because Powertools may throw another error. */
function observe(effect: () => Promise<void>): ObservedEffect {
  const observed: ObservedEffect = {
    hasRun: false,
    failure: undefined,
    async effect() {
      observed.hasRun = true;
      try {
        await effect();
      } catch (error) {
        observed.failure = { error };
        throw error;
      }
    },
  };
  return observed;
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
