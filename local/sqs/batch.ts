import { AwsError } from '../endpoint/aws-error.ts';
import { invalidBatch } from './errors.ts';
import type { Input } from './input.ts';

const MAX_ENTRIES = 10;

interface BatchFailure {
  readonly Id: string;
  readonly SenderFault: boolean;
  readonly Code: string;
  readonly Message: string;
}

export interface BatchEntry {
  readonly id: string;
  readonly input: Input;
}

/** @throws AwsError when the batch as a whole is refused: `EmptyBatchRequest`, `BatchEntryIdsNotDistinct`, … */
export function readBatch(input: Input): readonly BatchEntry[] {
  const entries = input.objects('Entries').map((entry) => ({ id: entry.string('Id'), input: entry }));
  if (entries.length === 0) {
    throw invalidBatch('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > MAX_ENTRIES) {
    throw invalidBatch(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`,
    );
  }
  const ids = new Set<string>();
  for (const { id } of entries) {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(id)) {
      throw invalidBatch(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    }
    if (ids.has(id)) throw invalidBatch('BatchEntryIdsNotDistinct', `Id ${id} repeated.`);
    ids.add(id);
  }
  return entries;
}

export interface BatchOutcome<T> {
  readonly successful: readonly T[];
  readonly failed: readonly BatchFailure[];
}

/** As the service answers: a member without entries is left out. */
export const batchAnswer = ({ successful, failed }: BatchOutcome<object>): object => ({
  ...(successful.length === 0 ? {} : { Successful: successful }),
  ...(failed.length === 0 ? {} : { Failed: failed }),
});

/** Runs `each` on every entry; what it throws fails that entry alone. */
export function forEachEntry<T>(entries: readonly BatchEntry[], each: (entry: BatchEntry) => T): BatchOutcome<T> {
  const successful: T[] = [];
  const failed: BatchFailure[] = [];
  for (const entry of entries) {
    try {
      successful.push(each(entry));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      failed.push({
        Id: entry.id,
        SenderFault: error.statusCode < 500,
        Code: error.queryCode ?? error.code,
        Message: error.message,
      });
    }
  }
  return { successful, failed };
}
