import { type Caller, type JsonObject, type JsonService, USER } from '../../endpoint/service.ts';

export interface QueueMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly MD5OfMessageAttributes?: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, MessageAttribute>>;
}

interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64. */
  readonly BinaryValue?: string;
}

export interface EntryFailure {
  /** Index of the entry in the call's list. */
  readonly index: number;
  readonly senderFault: boolean;
  readonly code: string;
}

/** What the mappings ask of SQS. Every method passes AwsErrors on. */
export interface SqsPort {
  urlOf(queueArn: string): Promise<string>;
  visibilityTimeoutSeconds(queueUrl: string): Promise<number>;
  receive(queueUrl: string, maxMessages: number, waitSeconds: number): Promise<readonly QueueMessage[]>;
  /** At most 10 handles; gives what was refused. */
  deleteBatch(queueUrl: string, receiptHandles: readonly string[]): Promise<readonly EntryFailure[]>;
  /** At most 10 handles; makes the messages visible again at once, and gives what was refused. */
  releaseBatch(queueUrl: string, receiptHandles: readonly string[]): Promise<readonly EntryFailure[]>;
  send(queueUrl: string, body: string): Promise<void>;
}

interface BatchOutput {
  readonly Failed?: readonly { readonly Id: string; readonly SenderFault: boolean; readonly Code: string }[];
}

/** @param caller the function's role: a mapping polls with its permissions. */
export function createSqsPort(sqs: JsonService, caller: Caller): SqsPort {
  const call = async <Output>(operation: string, input: JsonObject, as = caller) =>
    (await sqs.handle(operation, input, as)) as Output;
  const callBatch = async (
    operation: string,
    queueUrl: string,
    handles: readonly string[],
    more: object = {},
    as = caller,
  ) => {
    const entries = handles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, ...more }));
    const output = await call<BatchOutput>(operation, { QueueUrl: queueUrl, Entries: entries }, as);
    return (output.Failed ?? []).map(
      ({ Id, SenderFault, Code }): EntryFailure => ({ index: Number(Id), senderFault: SenderFault, code: Code }),
    );
  };

  return {
    async urlOf(queueArn) {
      const [, , , , QueueOwnerAWSAccountId, QueueName] = queueArn.split(':');
      // Lambda knows its queues by ARN: finding the address is not part of what the role must be allowed
      const { QueueUrl } = await call<{ QueueUrl: string }>('GetQueueUrl', { QueueName, QueueOwnerAWSAccountId }, USER);
      return QueueUrl;
    },
    async visibilityTimeoutSeconds(QueueUrl) {
      const { Attributes } = await call<{ Attributes: Record<string, string> }>('GetQueueAttributes', {
        QueueUrl,
        AttributeNames: ['VisibilityTimeout'],
      });
      return Number(Attributes['VisibilityTimeout']);
    },
    async receive(QueueUrl, MaxNumberOfMessages, WaitTimeSeconds) {
      const { Messages } = await call<{ Messages?: readonly QueueMessage[] }>('ReceiveMessage', {
        QueueUrl,
        MaxNumberOfMessages,
        WaitTimeSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      });
      return Messages ?? [];
    },
    deleteBatch: (queueUrl, handles) => callBatch('DeleteMessageBatch', queueUrl, handles),
    // Lambda needs no grant to hand back what no function has seen
    releaseBatch: (queueUrl, handles) =>
      callBatch('ChangeMessageVisibilityBatch', queueUrl, handles, { VisibilityTimeout: 0 }, USER),
    async send(QueueUrl, MessageBody) {
      await call('SendMessage', { QueueUrl, MessageBody });
    },
  };
}
