import { createQueryProtocol, type QueryOperation } from '../endpoint/query-protocol/query-protocol.ts';
import { listOf, mapOf, member, type Shape, structure } from '../endpoint/query-protocol/shape.ts';

const text = (...names: readonly string[]) => names.map((name) => member(name, 'string'));
const integers = (...names: readonly string[]) => names.map((name) => member(name, 'integer'));

const queueUrl = member('QueueUrl', 'string');
const queueAttributes = member('Attributes', mapOf('Name', 'Value', 'string'), 'Attribute');
const tagMap = mapOf('Key', 'Value', 'string');
const pageAsked = [member('NextToken', 'string'), member('MaxResults', 'integer')];

/** `BinaryValue` is base64 in both protocols. */
const attributeValue = structure(...text('StringValue', 'BinaryValue', 'DataType'));
const messageAttributes = member('MessageAttributes', mapOf('Name', 'Value', attributeValue), 'MessageAttribute');
const systemAttributes = mapOf('Name', 'Value', attributeValue);

const outgoing = [
  member('MessageBody', 'string'),
  member('DelaySeconds', 'integer'),
  messageAttributes,
  member('MessageSystemAttributes', systemAttributes, 'MessageSystemAttribute'),
  ...text('MessageDeduplicationId', 'MessageGroupId'),
];
const sent = text(
  'MessageId',
  'MD5OfMessageBody',
  'MD5OfMessageAttributes',
  'MD5OfMessageSystemAttributes',
  'SequenceNumber',
);
const received = structure(
  ...text('MessageId', 'ReceiptHandle', 'MD5OfBody', 'Body'),
  queueAttributes,
  ...text('MD5OfMessageAttributes'),
  messageAttributes,
);
const moveTask = structure(
  ...text('TaskHandle', 'Status', 'SourceArn', 'DestinationArn'),
  ...integers('MaxNumberOfMessagesPerSecond', 'ApproximateNumberOfMessagesMoved', 'ApproximateNumberOfMessagesToMove'),
  member('FailureReason', 'string'),
  member('StartedTimestamp', 'integer'),
);
const failure = structure(member('Id', 'string'), member('SenderFault', 'boolean'), ...text('Code', 'Message'));

/** Entries of a batch go by the name of their type, in the request and in the answer. */
const batch = (action: string, entry: Shape, result: Shape): QueryOperation => ({
  input: structure(queueUrl, member('Entries', listOf(entry), `${action}BatchRequestEntry`)),
  output: structure(
    member('Successful', listOf(result), `${action}BatchResultEntry`),
    member('Failed', listOf(failure), 'BatchResultErrorEntry'),
  ),
});

const entryId = member('Id', 'string');
const receiptHandle = member('ReceiptHandle', 'string');
const visibilityTimeout = member('VisibilityTimeout', 'integer');

/**
 * What SQS spoke before its JSON protocol, and still speaks to older SDKs and CLIs.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html
 */
export const sqsQueryProtocol = createQueryProtocol({
  signingName: 'sqs',
  xmlNamespace: 'http://queue.amazonaws.com/doc/2012-11-05/',
  pathParameter: 'QueueUrl',
  operations: {
    CreateQueue: {
      input: structure(member('QueueName', 'string'), queueAttributes, member('tags', tagMap, 'Tag')),
      output: structure(queueUrl),
    },
    GetQueueUrl: { input: structure(...text('QueueName', 'QueueOwnerAWSAccountId')), output: structure(queueUrl) },
    ListQueues: {
      input: structure(member('QueueNamePrefix', 'string'), ...pageAsked),
      output: structure(member('QueueUrls', listOf('string'), 'QueueUrl'), member('NextToken', 'string')),
    },
    GetQueueAttributes: {
      input: structure(queueUrl, member('AttributeNames', listOf('string'), 'AttributeName')),
      output: structure(queueAttributes),
    },
    SetQueueAttributes: { input: structure(queueUrl, queueAttributes) },
    DeleteQueue: { input: structure(queueUrl) },
    PurgeQueue: { input: structure(queueUrl) },
    TagQueue: { input: structure(queueUrl, member('Tags', tagMap, 'Tag')) },
    UntagQueue: { input: structure(queueUrl, member('TagKeys', listOf('string'), 'TagKey')) },
    ListQueueTags: { input: structure(queueUrl), output: structure(member('Tags', tagMap, 'Tag')) },
    AddPermission: {
      input: structure(
        ...[queueUrl, member('Label', 'string')],
        member('AWSAccountIds', listOf('string'), 'AWSAccountId'),
        member('Actions', listOf('string'), 'ActionName'),
      ),
    },
    RemovePermission: { input: structure(queueUrl, member('Label', 'string')) },
    ListDeadLetterSourceQueues: {
      input: structure(queueUrl, ...pageAsked),
      output: structure(member('queueUrls', listOf('string'), 'QueueUrl'), member('NextToken', 'string')),
    },
    SendMessage: { input: structure(queueUrl, ...outgoing), output: structure(...sent) },
    SendMessageBatch: batch('SendMessage', structure(entryId, ...outgoing), structure(entryId, ...sent)),
    ReceiveMessage: {
      input: structure(
        queueUrl,
        member('AttributeNames', listOf('string'), 'AttributeName'),
        member('MessageSystemAttributeNames', listOf('string'), 'MessageSystemAttributeName'),
        member('MessageAttributeNames', listOf('string'), 'MessageAttributeName'),
        ...integers('MaxNumberOfMessages', 'VisibilityTimeout', 'WaitTimeSeconds'),
        member('ReceiveRequestAttemptId', 'string'),
      ),
      output: structure(member('Messages', listOf(received), 'Message')),
    },
    DeleteMessage: { input: structure(queueUrl, receiptHandle) },
    DeleteMessageBatch: batch('DeleteMessage', structure(entryId, receiptHandle), structure(entryId)),
    ChangeMessageVisibility: { input: structure(queueUrl, receiptHandle, visibilityTimeout) },
    ChangeMessageVisibilityBatch: batch(
      'ChangeMessageVisibility',
      structure(entryId, receiptHandle, visibilityTimeout),
      structure(entryId),
    ),
    StartMessageMoveTask: {
      input: structure(...text('SourceArn', 'DestinationArn'), member('MaxNumberOfMessagesPerSecond', 'integer')),
      output: structure(member('TaskHandle', 'string')),
    },
    ListMessageMoveTasks: {
      input: structure(member('SourceArn', 'string'), member('MaxResults', 'integer')),
      output: structure(member('Results', listOf(moveTask), 'ListMessageMoveTasksResultEntry')),
    },
    CancelMessageMoveTask: {
      input: structure(member('TaskHandle', 'string')),
      output: structure(member('ApproximateNumberOfMessagesMoved', 'integer')),
    },
  },
});
