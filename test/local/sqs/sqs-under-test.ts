import { createMovableClock } from '../../../local/clock.ts';
import { USER } from '../../../local/endpoint/service.ts';
import type { SqsFaults } from '../../../local/sqs/faults.ts';
import type { SqsLimits } from '../../../local/sqs/limits.ts';
import { createSqs } from '../../../local/sqs/sqs.ts';

interface Message {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly Attributes: { readonly ApproximateReceiveCount: string };
}

/** An SQS whose time a test moves, with limits and faults of its own. */
export async function openSqs(
  QueueName: string,
  { limits = {}, faults = {} }: { readonly limits?: Partial<SqsLimits>; readonly faults?: SqsFaults } = {},
  more: Readonly<Record<string, string>> = {},
) {
  const clock = createMovableClock(() => 1_767_225_600_000);
  let ids = 0;
  const sqs = createSqs({
    clock,
    region: 'eu-west-1',
    accountId: '123456789012',
    log: () => {},
    endpointUrl: () => 'http://127.0.0.1',
    newId: () => `id-${++ids}`,
    limits,
    faults,
  });
  const call = (operation: string, input: Record<string, unknown> = {}) =>
    sqs.service.handle(operation, { QueueUrl: `http://127.0.0.1/123456789012/${QueueName}`, ...input }, USER);
  const isFifo = QueueName.endsWith('.fifo');
  const fifo = isFifo ? { FifoQueue: 'true', ContentBasedDeduplication: 'true' } : {};
  await call('CreateQueue', { QueueName, Attributes: { VisibilityTimeout: '60', ...fifo, ...more } });

  const receive = async (input: Record<string, unknown> = {}) => {
    const wanted = { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'], ...input };
    const { Messages = [] } = (await call('ReceiveMessage', wanted)) as { Messages?: readonly Message[] };
    return Messages;
  };
  return {
    clock,
    sqs,
    call,
    receive,
    send: (MessageBody: string, MessageGroupId?: string) =>
      call('SendMessage', { MessageBody, ...(MessageGroupId === undefined ? {} : { MessageGroupId }) }),
    /** `body#receives` */
    bodies: async (input: Record<string, unknown> = {}) =>
      (await receive(input)).map(({ Body, Attributes }) => `${Body}#${Attributes.ApproximateReceiveCount}`),
    remove: ({ ReceiptHandle }: Message) => call('DeleteMessage', { ReceiptHandle }),
    async counts() {
      const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];
      const { Attributes } = (await call('GetQueueAttributes', { AttributeNames })) as {
        Attributes: Record<string, string>;
      };
      return AttributeNames.map((name) => Number(Attributes[name]));
    },
  };
}
