import type { Change } from './change.ts';
import type { ChangeSource } from './ports.ts';

/** The source failed, as distinct from everything else that can. */
export class SourceFailure extends Error {
  constructor(cause: unknown) {
    super('the source failed', { cause });
  }
}

/** Calls the source, and marks what it throws. */
export async function askSource<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    throw new SourceFailure(error);
  }
}

/** The sink failed at a record, as distinct from the commit. */
export class SinkFailure extends Error {
  constructor(cause: unknown) {
    super('the sink failed', { cause });
  }
}

/** Calls the sink, and marks what it throws. */
export async function askSink<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    throw new SinkFailure(error);
  }
}

/** The record as it is now: a change, or a delete if it is gone. Undefined if the source cannot be asked. */
export async function currentOf(
  source: ChangeSource,
  externalId: string,
  signal: AbortSignal,
): Promise<Change | undefined> {
  const { get } = source;
  if (get === undefined) return undefined;
  const found = await askSource(() => get.call(source, externalId, signal));
  return found ?? { kind: 'delete', externalId };
}
