import { createRateLimiter, type Delivered, deliver as deliverAll } from '../lib/operations/index.ts';
import { columns } from '../local/view/columns.ts';
import type { DeliverOptions } from './command-line.ts';
import { describeError } from './describe-error.ts';
import type { ExitStatus, Operation } from './operation.ts';
import { jsonText } from './wording.ts';

/**
 * Sends events that the bus could not deliver to their consumer. If it fails in between, it still reports the messages
 * that it has sent, because no later call would find them.
 */
export async function deliver(options: DeliverOptions, operation: Operation): Promise<ExitStatus> {
  const { clock, sleep, console } = operation;
  const { queue, takes, undeliverable } = operation.consumer(options.consumer);
  const limiter = createRateLimiter({ unitsPerSecond: options.messagesPerSecond, clock, sleep });
  const done: Delivered[] = [];
  try {
    for await (const each of deliverAll({ undeliverable: undeliverable(options.from), queue, takes })) {
      done.push(each);
      console.progress(`${done.length} messages`);
      if (each.kind === 'sent') await limiter.spend(1);
    }
  } catch (error) {
    if (done.length > 0) tell(done, options, operation, { failed: describeError(error) });
    throw error;
  }
  tell(done, options, operation);
  return done.every(({ kind }) => kind === 'sent') ? 0 : 1;
}

function tell(
  done: readonly Delivered[],
  { consumer }: DeliverOptions,
  { console, json }: Operation,
  cutOff: { readonly failed?: string } = {},
): void {
  if (json) {
    console.line(jsonText({ consumer, messages: done.map(factsOf), ...cutOff }));
    return;
  }
  for (const row of columns(done.map(rowOf))) console.line(row);
  const left = done.filter(({ kind }) => kind === 'left').length;
  if (done.length === 0) console.line(`nothing is undeliverable to '${consumer}'`);
  if (left > 0) {
    console.line(
      `${left} left where they are: look at them in the undeliverable queue, and delete those that are not needed`,
    );
  }
}

function rowOf(one: Delivered): readonly string[] {
  if (one.kind === 'left') return ['left', one.messageId, one.reason, '', one.errorCode];
  const { partitionkey, sequence, id, type } = one.event;
  return ['sent', id, `${Number(sequence)} of group ${partitionkey}`, type, one.errorCode];
}

/** The JSON output, without the event's body. */
function factsOf(one: Delivered) {
  if (one.kind === 'left') return one;
  const { partitionkey, sequence, id, type } = one.event;
  return {
    kind: one.kind,
    group: partitionkey,
    sequence: Number(sequence),
    eventId: id,
    type,
    errorCode: one.errorCode,
  };
}
