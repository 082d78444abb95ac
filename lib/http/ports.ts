import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { EpochMs, EpochSeconds } from '../shared/time.ts';

/** An answer as it is sent, and stored under an idempotency key. */
export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request that is claimed under its idempotency key. */
export interface RequestClaim {
  readonly id: string;
  /** Identifies what was asked for. */
  readonly fingerprint: string;
  /** Different for every claim. */
  readonly owner: string;
  /** When another execution may take over. */
  readonly heldUntil: EpochMs;
  readonly now: EpochMs;
  /** When the claim is forgotten. */
  readonly expires: EpochSeconds;
}

export type ClaimOutcome =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'in-progress'; readonly fingerprint: string; readonly until: EpochMs }
  | { readonly kind: 'completed'; readonly fingerprint: string; readonly answer: HttpAnswer };

/** Remembers requests by their idempotency keys. */
export interface RequestRecords {
  /**
   * MUST be atomic. Takes over a claim whose `heldUntil` has passed, and a record that has expired, even if it still
   * exists.
   */
  claim(claim: RequestClaim): Promise<ClaimOutcome>;
  /** MUST see every completed write. @returns undefined if there is no record */
  find(id: string): Promise<Exclude<ClaimOutcome, { kind: 'claimed' }> | undefined>;
  /** Gives the claim up. @returns false if it is no longer this owner's, or completed: then nothing was changed */
  release(claim: Pick<RequestClaim, 'id' | 'owner'>): Promise<boolean>;
  /** The write that stores the answer, on condition that the claim is still this owner's and in progress. */
  completion(claim: Pick<RequestClaim, 'id' | 'owner' | 'expires'>, answer: HttpAnswer): TransactWriteItem;
}

/** Counts what clients use within a window of time. */
export interface ClientUsage {
  /**
   * Takes up to `lease` requests of a window. MUST be atomic: never grants more than `limit` in all.
   * @returns how many were granted; 0 if the window is used up
   */
  lease(window: {
    readonly id: string;
    readonly lease: number;
    readonly limit: number;
    readonly expires: EpochSeconds;
  }): Promise<number>;
}
