import type { Consumer } from '../ledger/topology.ts';
import type { Sqs } from '../sqs/sqs.ts';
import { listAt, stringAt } from '../template/json.ts';

/** Does what the runbook asks of an operator when the alarm of an undeliverable queue goes off. */
export interface UndeliverableEvents {
  /** Delivers what lies in undeliverable queues. @returns how many events were sent to their consumers */
  deliver(): Promise<number>;
  /** Messages that lie in undeliverable queues, but for those that the command has left: they are no matter of time. */
  waiting(): number;
  /** Events that were delivered so far. */
  delivered(): number;
}

export interface UndeliverableEventsDeps {
  /** Runs a command of the operator's tool; gives its answer. */
  readonly commandAnswer: (args: readonly string[]) => Promise<object>;
  readonly sqs: Pick<Sqs, 'peek'>;
  /** As the deployment is at that moment; another object after each deployment. */
  readonly topology: () => { readonly consumers: readonly Pick<Consumer, 'name' | 'undeliverableQueueArns'>[] };
}

export function createUndeliverableEvents({
  commandAnswer,
  sqs,
  topology,
}: UndeliverableEventsDeps): UndeliverableEvents {
  const left = new Set<string>();
  let leftUnder: object | undefined;
  let delivered = 0;

  /** A deployment may bring back the type of a message that the command has left. */
  const isLeft = (messageId: string) => leftUnder === topology() && left.has(messageId);
  const messagesOf = (queueArns: readonly string[]): number =>
    queueArns.flatMap((arn) => sqs.peek(arn)).filter(({ messageId }) => !isLeft(messageId)).length;

  return {
    delivered: () => delivered,
    waiting: () => topology().consumers.reduce((sum, own) => sum + messagesOf(own.undeliverableQueueArns), 0),
    async deliver() {
      const current = topology();
      if (leftUnder !== current) left.clear();
      leftUnder = current;
      let sent = 0;
      for (const { name, undeliverableQueueArns } of current.consumers) {
        if (messagesOf(undeliverableQueueArns) === 0) continue;
        for (const message of listAt(await commandAnswer(['deliver', '--consumer', name]), 'messages')) {
          if (stringAt(message, 'kind') === 'sent') sent++;
          else left.add(stringAt(message, 'messageId') ?? '');
        }
      }
      delivered += sent;
      return sent;
    },
  };
}
