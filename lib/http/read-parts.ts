import type { Logger } from '@aws-lambda-powertools/logger';
import { inTime } from '../shared/deadline.ts';
import { loggable } from '../shared/thrown.ts';
import { problem } from './problem.ts';

/** What reads each part, by its name in the answer. */
export type PartReaders = Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>>;

export interface ReadPartsOptions<Names extends string> {
  /** Milliseconds that the slowest part may take. */
  readonly deadlineMs: number;
  /** The handler's signal. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Parts without which there is no answer: their errors are thrown. @default - none */
  readonly required?: readonly NoInfer<Names>[];
  /** @default AbortSignal.timeout */
  readonly timeoutSignal?: (delayMs: number) => AbortSignal;
}

export interface PartsRead<Read extends PartReaders> {
  /** What was read in time. */
  readonly values: { readonly [Name in keyof Read]?: Awaited<ReturnType<Read[Name]>> };
  /** Names of the parts that are missing, in their order: answer them to the caller. */
  readonly partial: readonly (keyof Read & string)[];
}

/**
 * Reads several parts of a page at once, and gives those that are there by the deadline.
 *
 * @example
 * const { values, partial } = await readParts(
 *   { order: () => orders.get({ orderId }), parcel: (signal) => carrier.status(orderId, signal) },
 *   { deadlineMs: 300, signal, log, required: ['order'] },
 * );
 *
 * @throws ProblemError `UNAVAILABLE`, 503, if a required part is not there in time; else what reading it has thrown
 */
export async function readParts<const Read extends PartReaders>(
  parts: Read,
  {
    deadlineMs,
    signal,
    log,
    required = [],
    timeoutSignal = AbortSignal.timeout,
  }: ReadPartsOptions<keyof Read & string>,
): Promise<PartsRead<Read>> {
  const until = AbortSignal.any([signal, timeoutSignal(deadlineMs)]);
  const names: readonly string[] = required;
  const read = await Promise.all(
    Object.entries(parts).map(async ([name, part]) => {
      try {
        let value: unknown;
        const work = async () => {
          value = await part(until);
        };
        const late = () =>
          problem('UNAVAILABLE', { detail: `'${name}' was not there within ${deadlineMs} ms`, retryAfterSeconds: 1 });
        await inTime(work(), until, late);
        return { name, isRead: true, value };
      } catch (error) {
        if (names.includes(name)) throw error;
        log.warn('a part of the answer is missing', { part: name, error: loggable(error) });
        return { name, isRead: false, value: undefined };
      }
    }),
  );
  const values = Object.fromEntries(read.filter(({ isRead }) => isRead).map(({ name, value }) => [name, value]));
  return {
    values: values as PartsRead<Read>['values'],
    partial: read.filter(({ isRead }) => !isRead).map(({ name }) => name),
  };
}
