import type { PeekedMessage, Sqs } from '../sqs/sqs.ts';
import type { Consumer, Topology } from './topology.ts';

export type MessagePlace = 'queued' | 'dead-letter' | 'undeliverable';

/** A message that is not done with. */
export interface WaitingMessage {
  readonly consumer: string;
  readonly place: MessagePlace;
  readonly queueName: string;
  readonly messageId: string;
  /** `eventKey` of the event in it; undefined when there is none. */
  readonly eventKey: string | undefined;
  /** Where it stands and why, as far as its queue knows. */
  readonly reason: string;
}

/** (source, id) is what tells an event from every other. */
export const eventKey = ({ source, id }: { readonly source: string; readonly id: string }): string =>
  JSON.stringify([source, id]);

/** What lies in the queues of the consumers, without receiving it. */
export function findWaitingMessages(sqs: Pick<Sqs, 'peek'>, { consumers, queueNames }: Topology): WaitingMessage[] {
  const read = (consumer: Consumer, place: MessagePlace, queueArn: string): WaitingMessage[] =>
    sqs.peek(queueArn).map((message) => ({
      consumer: consumer.name,
      place,
      queueName: queueNames.get(queueArn) ?? queueArn,
      messageId: message.messageId,
      eventKey: eventKeyOf(message.body),
      reason: REASON[place](message),
    }));

  return consumers.flatMap((consumer) => [
    ...read(consumer, 'queued', consumer.queue.arn ?? ''),
    ...(consumer.deadLetterQueueArn === undefined ? [] : read(consumer, 'dead-letter', consumer.deadLetterQueueArn)),
    ...[...new Set(consumer.undeliverableQueueArns)].flatMap((arn) => read(consumer, 'undeliverable', arn)),
  ]);
}

const REASON: Readonly<Record<MessagePlace, (message: PeekedMessage) => string>> = {
  queued: ({ state, receiveCount }) => `${STATE[state]}, received ${times(receiveCount)}`,
  'dead-letter': ({ receiveCount }) => `received ${times(receiveCount)}`,
  undeliverable: ({ attributes }) =>
    `${text(attributes['ERROR_CODE']) ?? 'unknown'}: ${text(attributes['ERROR_MESSAGE']) ?? 'without a message'}`,
};

const STATE: Readonly<Record<PeekedMessage['state'], string>> = {
  visible: 'visible',
  delayed: 'delayed',
  inFlight: 'in flight',
};

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

const text = (attribute: PeekedMessage['attributes'][string] | undefined): string | undefined => attribute?.StringValue;

/** A consumer's queue has the event itself; an undeliverable queue has the bus's envelope around it. */
function eventKeyOf(body: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  const found = [memberOf(value, 'detail'), value].find(
    (candidate) => typeof memberOf(candidate, 'source') === 'string' && typeof memberOf(candidate, 'id') === 'string',
  );
  if (found === undefined) return undefined;
  return eventKey({ source: String(memberOf(found, 'source')), id: String(memberOf(found, 'id')) });
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
