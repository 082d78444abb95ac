import { randomUUID } from 'node:crypto';
import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { settleWithOperator } from '../../local/operator/while-working.ts';
import type { LocalRun } from '../../local/run.ts';

/** What a person had to do until a run was settled. */
export interface OperatorWork {
  /** Events that the bus could not deliver, sent to the consumer's queue by hand. */
  readonly delivered: number;
  /** Dead letters that were redriven. */
  readonly redriven: number;
}

const MOST_REDRIVES = 20;
/** Past every visibility timeout and every schedule that looks for what is left behind. */
const WAIT_MS = 15 * 60_000;

/**
 * Settles a run as its operator would: sends what lies in the rule's dead-letter queue to the consumer's queue, and redrives
 * dead letters, until neither holds anything. It is the same for every stack.
 */
export async function settleByOperator(run: LocalRun): Promise<OperatorWork> {
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'secret' };
  const client = new SQSClient({ endpoint: run.endpointUrl, region: run.region, credentials, maxAttempts: 10 });
  const { signal } = new AbortController();
  const queueOf = (id: string) => {
    const found = run.deployment.queues.find(({ constructPath }) => constructPath.endsWith(`/${id}/Resource`));
    if (found === undefined) throw new RangeError(`no queue '${id}'`);
    return { url: found.url, arn: found.arn ?? '' };
  };
  const queue = queueOf('Queue');
  const deadLetters = queueOf('DeadLetterQueue');
  const undeliverable = queueOf('UndeliverableQueue');
  let delivered = 0;
  let redriven = 0;

  const send = async ({ Body = '', ReceiptHandle }: Message) => {
    const { detail } = JSON.parse(Body) as { readonly detail: { readonly partitionkey: string } };
    const ids = { MessageGroupId: detail.partitionkey, MessageDeduplicationId: randomUUID() };
    await client.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: JSON.stringify(detail), ...ids }));
    await client.send(new DeleteMessageCommand({ QueueUrl: undeliverable.url, ReceiptHandle }));
    delivered += 1;
  };
  const deliver = async () => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: undeliverable.url, MaxNumberOfMessages: 10 }),
    );
    for (const message of Messages) await send(message);
    return Messages.length;
  };
  const settle = () =>
    settleWithOperator({
      run,
      undeliverable: { deliver, waiting: () => run.sqs.peek(undeliverable.arn).length },
      signal,
    });

  try {
    for (let round = 0; round < MOST_REDRIVES; round++) {
      await settle();
      run.clock.advance(WAIT_MS);
      await settle();
      const dead = run.sqs.peek(deadLetters.arn).length;
      if (dead === 0) break;
      redriven += dead;
      await client.send(new StartMessageMoveTaskCommand({ SourceArn: deadLetters.arn }));
    }
    return { delivered, redriven };
  } finally {
    client.destroy();
  }
}
