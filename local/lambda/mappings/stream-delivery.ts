import type { InvokeResult } from '../invocation.ts';
import { judgeBatch } from './batch-response.ts';
import type { DiscardCondition, FailureDestination } from './failure-destination.ts';
import { eventOf, type RunnerDeps } from './mapping-runner.ts';
import type { StreamEntry } from './stream-entry.ts';

export interface DeliveryOptions {
  readonly streamArn: string;
  readonly shardId: string;
  readonly reportBatchItemFailures: boolean;
  readonly bisectBatchOnFunctionError: boolean;
  /** -1 for no limit. */
  readonly maximumRetryAttempts: number;
  readonly maximumRecordAgeMs: number;
  readonly destination: FailureDestination | undefined;
  /** Waits before a retry; an early end of the wait is fine. */
  readonly pause: (ms: number) => Promise<void>;
  /** False once the mapping has been stopped: then the rest of the batch is handed back. */
  readonly isStopped: () => boolean;
  readonly onResult: (succeeded: boolean) => void;
}

const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 60_000;

const backoffMs = (attempts: number): number => Math.min(FIRST_BACKOFF_MS * 2 ** (attempts - 1), LONGEST_BACKOFF_MS);

/**
 * Carries one batch to the function until every record of it is done or given up.
 * @returns what is left when the mapping was stopped on the way, else nothing.
 */
export type DeliverBatch = (entries: readonly StreamEntry[]) => Promise<readonly StreamEntry[]>;

/**
 * Retries as Lambda does: from the lowest failed record on, with backoff; a checkpoint that moved begins a new count of
 * attempts, and halving a batch costs none.
 */
export function createDelivery(deps: RunnerDeps, options: DeliveryOptions): DeliverBatch {
  const { clock, log, target } = deps;
  const { streamArn, shardId, maximumRetryAttempts, maximumRecordAgeMs, destination, pause } = options;

  const deliver: DeliverBatch = async (entries) => {
    let rest = entries;
    let attempts = 0;
    let refusals = 0;
    let lastResult: InvokeResult | undefined;
    while (rest.length > 0) {
      if (options.isStopped()) return rest;
      const oldest = clock.now() - maximumRecordAgeMs;
      const expired = rest.filter(({ createdAt }) => createdAt < oldest);
      if (expired.length > 0) {
        await giveUp('RecordAgeExceeded', expired, attempts, lastResult);
        rest = rest.filter(({ createdAt }) => createdAt >= oldest);
        continue;
      }
      try {
        lastResult = await target.invoke(eventOf(rest.map(({ json }) => json)));
      } catch (error) {
        if (options.isStopped()) return rest;
        log('error', target.functionName, 'a batch of stream records could not be handed over', { error });
        // no attempt: a throttled batch uses up no retries
        await pause(backoffMs(++refusals));
        continue;
      }
      attempts++;
      const failedAt = firstFailure(lastResult, rest);
      options.onResult(failedAt === undefined);
      if (failedAt === undefined) return [];
      if (failedAt > 0) {
        rest = rest.slice(failedAt);
        attempts = 0;
        continue;
      }
      if (options.isStopped()) return rest;
      if (options.bisectBatchOnFunctionError && rest.length > 1) return deliverHalves(rest);
      if (maximumRetryAttempts >= 0 && attempts > maximumRetryAttempts) {
        await giveUp('RetryAttemptsExhausted', rest, attempts, lastResult);
        return [];
      }
      await pause(backoffMs(attempts));
    }
    return [];
  };

  const deliverHalves: DeliverBatch = async (entries) => {
    const middle = Math.ceil(entries.length / 2);
    const left = await deliver(entries.slice(0, middle));
    const second = entries.slice(middle);
    return left.length > 0 ? [...left, ...second] : deliver(second);
  };

  /** Index of the record to go on from; undefined when all are done. */
  const firstFailure = (result: InvokeResult, entries: readonly StreamEntry[]): number | undefined => {
    const known = new Set(entries.map(({ sequenceNumber }) => sequenceNumber));
    const verdict = judgeBatch(result, known, options.reportBatchItemFailures);
    if (verdict.kind === 'all-done') return undefined;
    if (verdict.kind === 'some-failed') {
      return entries.findIndex(({ sequenceNumber }) => verdict.failed.has(sequenceNumber));
    }
    log('warn', target.functionName, `a batch of ${entries.length} stream records failed`, { reason: verdict.reason });
    return 0;
  };

  const giveUp = async (
    condition: DiscardCondition,
    entries: readonly StreamEntry[],
    invokeCount: number,
    result: InvokeResult | undefined,
  ) => {
    log('error', target.functionName, `${entries.length} stream records are given up: ${condition}`, {
      streamArn,
      firstSequenceNumber: entries[0]?.sequenceNumber,
    });
    try {
      await destination?.({
        condition,
        requestId: result?.requestId ?? deps.uuid,
        functionArn: target.functionArn,
        invokeCount,
        result,
        shardId,
        streamArn,
        at: clock.now(),
        entries,
        event: eventOf(entries.map(({ json }) => json)),
      });
    } catch (error) {
      log('error', target.functionName, 'the on-failure destination refused them', { error });
    }
  };

  return deliver;
}
