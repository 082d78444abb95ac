import { createRateLimiter, type Delivered, deliver as deliverAll } from '../../lib/operations/index.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { COMMON, CONSUMER, DEFAULT_RESENDS_PER_SECOND, defineCommand } from '../command.ts';
import { describeError } from '../describe-error.ts';
import { type ExitStatus, type Operation, tellJson } from '../operation.ts';

export interface DeliverOptions {
  readonly consumer: string;
  /** Undefined for the consumer's undeliverable queue. */
  readonly from: string | undefined;
  readonly messagesPerSecond: number;
}

export const deliverCommand = defineCommand({
  name: 'deliver',
  usage: 'deliver --consumer NAME [--from QUEUE_URL] [--rate N]',
  text: "send events that the bus could not deliver to the consumer's queue",
  more: [
    'Use it after you have fixed the cause. Sends each event of the undeliverable queue to the consumer’s queue, in its',
    'group, and deletes the message. Messages that are no events, and events of types that the consumer does not take,',
    'stay in the queue and are listed. Harmless to repeat: the consumer skips duplicates.',
  ],
  options: {
    consumer: CONSUMER,
    from: {
      value: 'QUEUE_URL',
      text: 'another undeliverable queue, such as the one of a construct that was renamed (default: the consumer’s)',
    },
    rate: { value: 'N', text: `messages per second, 0.1 to 300 (default: ${DEFAULT_RESENDS_PER_SECOND})` },
    ...COMMON,
  },
  rights: [
    { on: 'undeliverable-queues', actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'] },
    { on: 'queues', actions: ['sqs:SendMessage'] },
  ],
  read: readDeliver,
  run: deliver,
});

function readDeliver(given: Arguments): DeliverOptions {
  const consumer = given.needed('consumer');
  const rate = given.number('rate', { min: 0.1, max: 300, whole: false });
  const from = given.text('from');
  if (from !== undefined && !/^https?:\/\/./.test(from)) {
    given.refuse(`--from must be the URL of a queue, such as https://sqs.eu-central-1.amazonaws.com/…, got '${from}'`);
  }
  return { consumer, from, messagesPerSecond: rate ?? DEFAULT_RESENDS_PER_SECOND };
}

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
  operation: Operation,
  cutOff: { readonly failed?: string } = {},
): void {
  const { console, json } = operation;
  if (json) {
    tellJson(operation, { consumer, messages: done.map(factsOf), ...cutOff }, 'messages');
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
