import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Clock, EpochMs } from '../shared/time.ts';
import { InboxBusyError, InboxClaimLostError, InboxUnreadError } from './errors.ts';
import { readInboxRecord } from './inbox-record.ts';
import type { EventIdentity, InboxClaim, InboxRecord } from './ports.ts';

/** A claim that is made with the commit of the handler's writes. */
export interface CommitClaim {
  readonly claim: InboxClaim;
  /**
   * What a failed effect comes to. The failure may follow from the event's own earlier commit: a handler that reads what it
   * has written, or a condition of its own, which DynamoDB may report in place of the record's. So the record decides.
   *
   * @returns 'duplicate' if the event was handled
   * @throws InboxBusyError `INBOX_BUSY` while another execution holds a claim
   * @throws InboxUnreadError `INBOX_UNREAD` if the record cannot be read
   * @throws the failure itself otherwise
   */
  conclude(failure: unknown): Promise<'duplicate'>;
}

export interface CommitClaimDeps {
  /** Puts the record as completed unless another execution has it, and returns the existing one. */
  readonly put: TransactWriteItem;
  /** Reads the record. MUST see every completed write. */
  readonly find: () => Promise<InboxRecord | undefined>;
  readonly clock: Clock;
}

export function claimAtCommit(event: EventIdentity, { put, find, clock }: CommitClaimDeps): CommitClaim {
  /** Errors that already say what the record is. */
  const known = new WeakSet<object>();
  const knownFrom = <Refusal extends Error | undefined>(refusal: Refusal): Refusal => {
    if (refusal !== undefined) known.add(refusal);
    return refusal;
  };

  const refusalBy = (record: InboxRecord | undefined) => knownFrom(refusalOf(event, record, clock.now()));

  const ask = async (failure: unknown): Promise<Error | undefined> => {
    try {
      return refusalBy(await find());
    } catch (cause) {
      return knownFrom(new InboxUnreadError(event, failure, { cause }));
    }
  };

  return {
    claim: {
      completion: {
        write: put,
        // without a record to judge by, it is read once the effect has failed
        refused: (item) => refusalBy(readExisting(item)) ?? new InboxClaimLostError(event),
      },
      async assertOpen(failure) {
        const refusal = await ask(failure);
        if (refusal !== undefined) throw refusal;
      },
    },
    async conclude(failure) {
      const isKnown = failure instanceof Error && known.has(failure);
      const outcome = isKnown ? failure : ((await ask(failure)) ?? failure);
      if (outcome instanceof EventHandledError) return 'duplicate';
      throw outcome;
    },
  };
}

/**
 * What a failed effect comes to, by the event's record.
 * @returns 'duplicate' if the event was handled
 * @throws InboxBusyError `INBOX_BUSY` while another execution holds a claim
 * @throws the failure itself otherwise
 */
export function concludeBy(
  event: EventIdentity,
  existing: Readonly<Record<string, AttributeValue>> | undefined,
  now: EpochMs,
  failure: unknown,
): 'duplicate' {
  const refusal = refusalOf(event, readExisting(existing), now);
  if (refusal instanceof EventHandledError) return 'duplicate';
  throw refusal ?? failure;
}

/** The event was handled before. Does not leave the inbox. */
class EventHandledError extends Error {}

function refusalOf(event: EventIdentity, record: InboxRecord | undefined, now: EpochMs): Error | undefined {
  if (record?.status === 'completed') return new EventHandledError(`event '${event.id}' was handled before`);
  return record !== undefined && record.until >= now ? new InboxBusyError(event, record.until) : undefined;
}

/** The time of completion does not matter here. */
const readExisting = (item: Readonly<Record<string, AttributeValue>> | undefined): InboxRecord | undefined =>
  item && readInboxRecord(item, 0);
