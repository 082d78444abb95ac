import type { InvokeResult } from '../invocation.ts';

/** What a function's answer says about its batch. */
export type BatchVerdict =
  | { readonly kind: 'all-done' }
  | { readonly kind: 'all-failed'; readonly reason: string }
  | { readonly kind: 'some-failed'; readonly failed: ReadonlySet<string> };

/**
 * Reads an answer as Lambda's pollers do: what cannot be understood fails the whole batch.
 * @param known the identifiers of the batch: message ids, or sequence numbers.
 * @param partial whether the mapping has ReportBatchItemFailures; without it any answer means success.
 */
export function judgeBatch(result: InvokeResult, known: ReadonlySet<string>, partial: boolean): BatchVerdict {
  if (result.functionError !== undefined) return { kind: 'all-failed', reason: result.payload };
  if (!partial) return { kind: 'all-done' };
  const response: unknown = JSON.parse(result.payload);
  if (response === null) return { kind: 'all-done' };
  // recorded: an empty list is an answer that names no failure
  if (Array.isArray(response) && response.length === 0) return { kind: 'all-done' };
  if (typeof response !== 'object' || Array.isArray(response)) return malformed(result.payload);
  const failures: unknown = Reflect.get(response, 'batchItemFailures') ?? [];
  if (!Array.isArray(failures)) return malformed(result.payload);
  const failed = new Set<string>();
  for (const failure of failures) {
    const identifier = identifierOf(failure);
    if (identifier === undefined || !known.has(identifier)) return malformed(result.payload);
    failed.add(identifier);
  }
  return failed.size === 0 ? { kind: 'all-done' } : { kind: 'some-failed', failed };
}

function identifierOf(failure: unknown): string | undefined {
  if (typeof failure !== 'object' || failure === null) return undefined;
  const identifier: unknown = Reflect.get(failure, 'itemIdentifier');
  return typeof identifier === 'string' ? identifier : undefined;
}

const malformed = (payload: string): BatchVerdict => ({
  kind: 'all-failed',
  reason: `the response names records in a way that cannot be read: ${payload.slice(0, 500)}`,
});
