import type { CursorStore, HandledEvents } from '../consumer/index.ts';
import { type CloudEvent, hasCode, standsAlone } from '../definitions/index.ts';
import { parseEvent } from '../event/index.ts';
import type { SkipLedger, UndeliverableMessage, UndeliverableQueue } from './ports.ts';
import { walkQueue } from './walk-queue.ts';

export interface TidyDeps {
  /** The consumer's DLQ. */
  readonly deadLetters: UndeliverableQueue;
  readonly handled: HandledEvents;
  /** Undefined if `ordering` is 'fifo'. */
  readonly strict:
    | { readonly cursors: Pick<CursorStore, 'read'>; readonly skips: Pick<SkipLedger, 'find'> }
    | undefined;
}

export interface Tidied {
  /** Copies of events that were handled or skipped. */
  readonly deleted: number;
  /** Everything else. */
  readonly left: number;
}

/**
 * Deletes those messages of a consumer's DLQ whose events were handled or skipped since: a redrive would only find
 * duplicates. All others stay, and become visible again at the end. A DLQ counts no receives.
 * @param progress called after each batch
 */
export async function tidyDeadLetters(
  deps: TidyDeps,
  progress: () => Promise<void> = async () => undefined,
): Promise<Tidied> {
  let deleted = 0;
  let left = 0;
  for await (const { messages, drop } of walkQueue(deps.deadLetters)) {
    const done = await doneAmong(deps, messages);
    for (const message of messages) {
      if (done.has(message)) await drop(message);
    }
    deleted += done.size;
    left += messages.length - done.size;
    await progress();
  }
  return { deleted, left };
}

async function doneAmong(
  { handled, strict }: TidyDeps,
  messages: readonly UndeliverableMessage[],
): Promise<ReadonlySet<UndeliverableMessage>> {
  const events = messages.flatMap((message) => {
    const event = eventOf(message);
    return event === undefined ? [] : [{ message, event }];
  });
  const groups = events.filter(({ event }) => !standsAlone(event.partitionkey, event.id));
  const cursors = await strict?.cursors.read([...new Set(groups.map(({ event }) => event.partitionkey))]);
  const generationOf = ({ partitionkey }: CloudEvent) => cursors?.get(partitionkey)?.generation ?? 0;
  const identities = events.map(({ message, event }) => ({
    message,
    source: event.source,
    id: event.id,
    generation: generationOf(event),
  }));
  const done = new Set((await handled.among(identities)).map(({ message }) => message));
  for (const { message, event } of events) {
    if (done.has(message) || strict === undefined) continue;
    const place = { group: event.partitionkey, sequence: Number(event.sequence) };
    if ((await strict.skips.find(place, generationOf(event))) !== undefined) done.add(message);
  }
  return done;
}

function eventOf({ body }: UndeliverableMessage): CloudEvent | undefined {
  try {
    return parseEvent(body);
  } catch (error) {
    if (hasCode(error, 'EVENT_MALFORMED')) return undefined;
    throw error;
  }
}
