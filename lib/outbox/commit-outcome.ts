import type { CancellationReason } from '@aws-sdk/client-dynamodb';
import { readHead } from './assign-sequences.ts';
import type { NewEventRecord } from './event-record.ts';
import type { CommitOutcome } from './ports.ts';

/** The purpose of an action of the transaction. */
export type Purpose =
  | { readonly kind: 'write'; readonly index: number }
  | { readonly kind: 'head'; readonly group: string }
  | { readonly kind: 'event'; readonly event: NewEventRecord };

/**
 * Transient reasons. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
const THROTTLING_REASONS = new Set(['ThrottlingError', 'ProvisionedThroughputExceeded']);

/**
 * Throttling errors of the whole request.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
const THROTTLING_ERRORS = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
]);

interface Reason {
  readonly code: string;
  readonly reason: CancellationReason;
  readonly purpose: Purpose;
}

/**
 * Interprets the error of a transaction.
 * @param purposes of the transaction's actions, in their order
 * @throws the error itself if it is none of the outcomes
 */
export function outcomeOf(error: unknown, purposes: readonly Purpose[]): CommitOutcome {
  const { name = '', CancellationReasons } = error as { name?: string; CancellationReasons?: CancellationReason[] };
  if (name === 'TransactionInProgressException') return { kind: 'in-progress' };
  if (THROTTLING_ERRORS.has(name)) return { kind: 'throttled', reason: name };
  if (name !== 'TransactionCanceledException' || CancellationReasons === undefined) throw error;

  const reasons = CancellationReasons.flatMap((reason, place): readonly Reason[] => {
    const purpose = purposes[place];
    const { Code: code = 'None' } = reason;
    return purpose === undefined || code === 'None' ? [] : [{ code, reason, purpose }];
  });
  const outcome = failedCondition(reasons) ?? refusedWrite(reasons) ?? passing(reasons);
  if (outcome === undefined) throw error;
  return outcome;
}

/** The caller's failed conditions come first, then failed conditions of events. */
function failedCondition(reasons: readonly Reason[]): CommitOutcome | undefined {
  const failed = reasons.filter(({ code }) => code === 'ConditionalCheckFailed');
  for (const { purpose, reason } of failed) {
    if (purpose.kind === 'write') return { kind: 'condition-failed', index: purpose.index, item: reason.Item };
  }
  const heads = failed.flatMap(({ purpose, reason }) =>
    purpose.kind === 'head' ? [[purpose.group, readHead(reason.Item)] as const] : [],
  );
  if (heads.length > 0) return { kind: 'head-moved', heads: new Map(heads) };
  for (const { purpose } of failed) {
    if (purpose.kind === 'event') return { kind: 'sequence-taken', event: purpose.event };
  }
  return undefined;
}

function refusedWrite(reasons: readonly Reason[]): CommitOutcome | undefined {
  for (const { code, reason, purpose } of reasons) {
    if (purpose.kind === 'write' && code !== 'TransactionConflict' && !THROTTLING_REASONS.has(code)) {
      return { kind: 'write-refused', index: purpose.index, code, message: reason.Message ?? 'no message' };
    }
  }
  return undefined;
}

function passing(reasons: readonly Reason[]): CommitOutcome | undefined {
  const codes = reasons.map(({ code }) => code);
  const throttling = codes.find((code) => THROTTLING_REASONS.has(code));
  if (throttling !== undefined) return { kind: 'throttled', reason: throttling };
  return codes.includes('TransactionConflict') ? { kind: 'conflict', reason: 'TransactionConflict' } : undefined;
}
