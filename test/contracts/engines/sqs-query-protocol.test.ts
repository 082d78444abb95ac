import { beforeEach, describe, expect, it } from 'vitest';
import { needsOwnEngine } from './endpoint-under-test.ts';
import { openSqsRig, type SqsRig } from './sqs-rig.ts';

let rig: SqsRig;

beforeEach(async () => {
  needsOwnEngine('SQS', 'its requests are signed for show');
  rig = await openSqsRig();
});

const HEADERS = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/sqs/aws4_request, SignedHeaders=host, Signature=0',
  'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
};

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly xml: string;
}

/** What an old SDK posts to the endpoint, or to the URL of a queue. */
async function post(parameters: Readonly<Record<string, string>>, url?: string): Promise<Answer> {
  const body = new URLSearchParams({ Version: '2012-11-05', ...parameters });
  return answerOf(await fetch(url ?? (await endpointUrl()), { method: 'POST', headers: HEADERS, body: String(body) }));
}

const answerOf = async (response: Response): Promise<Answer> => ({
  status: response.status,
  type: response.headers.get('content-type'),
  // ids differ from request to request
  xml: (await response.text()).replace(/<RequestId>[0-9a-f-]{36}<\/RequestId>/, '<RequestId>…</RequestId>'),
});

const endpointUrl = async (): Promise<string> => {
  const { protocol, hostname, port = '' } = (await rig.client.config.endpoint?.()) ?? {};
  return `${protocol}//${hostname}:${port}/`;
};

const textOf = (xml: string, name: string): string => new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(xml)?.[1] ?? '';

const XMLNS = 'xmlns="http://queue.amazonaws.com/doc/2012-11-05/"';
const METADATA = '<ResponseMetadata><RequestId>…</RequestId></ResponseMetadata>';

describe('SQS by the query protocol: queues', () => {
  it('creates a queue with attributes and tags', async () => {
    const created = await post({
      Action: 'CreateQueue',
      QueueName: 'orders.fifo',
      'Attribute.1.Name': 'FifoQueue',
      'Attribute.1.Value': 'true',
      'Attribute.2.Name': 'VisibilityTimeout',
      'Attribute.2.Value': '90',
      'Tag.1.Key': 'team',
      'Tag.1.Value': 'shop',
    });

    const QueueUrl = `${await endpointUrl()}000000000000/orders.fifo`;
    expect(created).toEqual({
      status: 200,
      type: 'text/xml',
      xml: `<?xml version="1.0"?><CreateQueueResponse ${XMLNS}><CreateQueueResult><QueueUrl>${QueueUrl}</QueueUrl></CreateQueueResult>${METADATA}</CreateQueueResponse>`,
    });
    const tags = await post({ Action: 'ListQueueTags', QueueUrl });
    expect(textOf(tags.xml, 'ListQueueTagsResult')).toBe('<Tag><Key>team</Key><Value>shop</Value></Tag>');
    expect(await rig.attribute(QueueUrl, 'QueueArn')).toBe('arn:aws:sqs:eu-central-1:000000000000:orders.fifo');
  });

  it('gives attributes by name', async () => {
    const QueueUrl = await rig.create('orders', { DelaySeconds: '7' });

    const { xml } = await post({
      Action: 'GetQueueAttributes',
      QueueUrl,
      'AttributeName.1': 'DelaySeconds',
      'AttributeName.2': 'ApproximateNumberOfMessages',
    });

    expect(textOf(xml, 'GetQueueAttributesResult')).toBe(
      '<Attribute><Name>ApproximateNumberOfMessages</Name><Value>0</Value></Attribute>' +
        '<Attribute><Name>DelaySeconds</Name><Value>7</Value></Attribute>',
    );
  });

  it('changes attributes and tags, with no result element', async () => {
    const QueueUrl = await rig.create('orders');

    const set = await post({
      Action: 'SetQueueAttributes',
      QueueUrl,
      'Attribute.1.Name': 'DelaySeconds',
      'Attribute.1.Value': '8',
    });
    await post({
      Action: 'TagQueue',
      QueueUrl,
      'Tag.1.Key': 'a',
      'Tag.1.Value': '1',
      'Tag.2.Key': 'b',
      'Tag.2.Value': '',
    });
    await post({ Action: 'UntagQueue', QueueUrl, 'TagKey.1': 'a' });

    const tags = await post({ Action: 'ListQueueTags', QueueUrl });
    const attributes = await post({ Action: 'GetQueueAttributes', QueueUrl, 'AttributeName.1': 'DelaySeconds' });
    expect(set.xml).toBe(
      `<?xml version="1.0"?><SetQueueAttributesResponse ${XMLNS}>${METADATA}</SetQueueAttributesResponse>`,
    );
    expect(textOf(tags.xml, 'ListQueueTagsResult')).toBe('<Tag><Key>b</Key><Value></Value></Tag>');
    expect(textOf(attributes.xml, 'Value')).toBe('8');
  });

  it('lists queues in pages, and the sources of a dead-letter queue', async () => {
    const [source, dlq] = await rig.createPair('a', 'dlq', 3);
    const last = await rig.create('z');

    const first = await post({ Action: 'ListQueues', MaxResults: '2' });
    const second = await post({ Action: 'ListQueues', MaxResults: '2', NextToken: textOf(first.xml, 'NextToken') });
    const sources = await post({ Action: 'ListDeadLetterSourceQueues', QueueUrl: dlq });

    expect(textOf(first.xml, 'ListQueuesResult')).toContain(
      `<QueueUrl>${dlq}</QueueUrl><QueueUrl>${source}</QueueUrl>`,
    );
    expect(textOf(second.xml, 'ListQueuesResult')).toBe(`<QueueUrl>${last}</QueueUrl>`);
    expect(textOf(sources.xml, 'ListDeadLetterSourceQueuesResult')).toBe(`<QueueUrl>${source}</QueueUrl>`);
  });

  it('finds, purges and deletes a queue', async () => {
    const QueueUrl = await rig.create('orders');
    await rig.send(QueueUrl, 'one');

    const found = await post({ Action: 'GetQueueUrl', QueueName: 'orders' });
    await post({ Action: 'PurgeQueue', QueueUrl });
    const purged = await rig.attribute(QueueUrl, 'ApproximateNumberOfMessages');
    await post({ Action: 'DeleteQueue', QueueUrl });
    const gone = await post({ Action: 'GetQueueUrl', QueueName: 'orders' });

    expect(textOf(found.xml, 'QueueUrl')).toBe(QueueUrl);
    expect(purged).toBe('0');
    expect(gone.status).toBe(400);
  });
});

describe('SQS by the query protocol: messages', () => {
  it('sends and receives a message with attributes, text and binary', async () => {
    const QueueUrl = await rig.create('orders.fifo');

    const sent = await post({
      Action: 'SendMessage',
      QueueUrl,
      MessageBody: '<order id="1">\r\nCrème & co.</order>',
      MessageGroupId: 'g',
      'MessageAttribute.1.Name': 'kind',
      'MessageAttribute.1.Value.DataType': 'String',
      'MessageAttribute.1.Value.StringValue': 'a<b',
      'MessageAttribute.2.Name': 'photo',
      'MessageAttribute.2.Value.DataType': 'Binary',
      'MessageAttribute.2.Value.BinaryValue': 'AQID',
      'MessageSystemAttribute.1.Name': 'AWSTraceHeader',
      'MessageSystemAttribute.1.Value.DataType': 'String',
      'MessageSystemAttribute.1.Value.StringValue': 'Root=1-5e1b4151-43a0913a12345678',
    });
    const { xml } = await post({
      Action: 'ReceiveMessage',
      QueueUrl,
      'AttributeName.1': 'MessageGroupId',
      'AttributeName.2': 'AWSTraceHeader',
      'MessageAttributeName.1': 'All',
      MaxNumberOfMessages: '10',
    });

    expect(textOf(sent.xml, 'MD5OfMessageAttributes')).toBe(textOf(xml, 'MD5OfMessageAttributes'));
    expect(textOf(xml, 'Body')).toBe('&lt;order id=&quot;1&quot;&gt;&#xD;\nCrème &amp; co.&lt;/order&gt;');
    expect(xml).toContain('<Attribute><Name>MessageGroupId</Name><Value>g</Value></Attribute>');
    expect(xml).toContain(
      '<Attribute><Name>AWSTraceHeader</Name><Value>Root=1-5e1b4151-43a0913a12345678</Value></Attribute>',
    );
    expect(xml).toContain(
      '<MessageAttribute><Name>kind</Name><Value><StringValue>a&lt;b</StringValue><DataType>String</DataType></Value></MessageAttribute>',
    );
    expect(xml).toContain(
      '<MessageAttribute><Name>photo</Name><Value><BinaryValue>AQID</BinaryValue><DataType>Binary</DataType></Value></MessageAttribute>',
    );
  });

  it('answers an empty receive with an empty result', async () => {
    const QueueUrl = await rig.create('orders');

    const { xml } = await post({ Action: 'ReceiveMessage', QueueUrl });

    expect(xml).toContain('<ReceiveMessageResult></ReceiveMessageResult>');
  });

  it('uses the URL of the request as the queue URL, also with GET', async () => {
    const QueueUrl = await rig.create('orders');
    await post({ Action: 'SendMessage', MessageBody: 'one' }, QueueUrl);

    const received = await fetch(`${QueueUrl}?Action=ReceiveMessage&AttributeName=All&VisibilityTimeout=0`, {
      headers: { authorization: HEADERS.authorization },
    });

    const xml = await received.text();
    expect(textOf(xml, 'Body')).toBe('one');
    expect(xml).toContain('<Name>ApproximateReceiveCount</Name><Value>1</Value>');
  });

  it('changes the visibility of a message and deletes it', async () => {
    const QueueUrl = await rig.create('orders');
    await rig.send(QueueUrl, 'one');
    const [message] = await rig.receive(QueueUrl);
    const receipt = { QueueUrl, ReceiptHandle: message?.ReceiptHandle ?? '' };

    await post({ Action: 'ChangeMessageVisibility', ...receipt, VisibilityTimeout: '0' });
    const visible = await rig.attribute(QueueUrl, 'ApproximateNumberOfMessages');
    await post({ Action: 'DeleteMessage', ...receipt });

    expect(visible).toBe('1');
    expect(await rig.attribute(QueueUrl, 'ApproximateNumberOfMessages')).toBe('0');
  });

  it('answers batches entry by entry', async () => {
    const QueueUrl = await rig.create('orders');

    const sent = await post({
      Action: 'SendMessageBatch',
      QueueUrl,
      'SendMessageBatchRequestEntry.1.Id': 'good',
      'SendMessageBatchRequestEntry.1.MessageBody': 'one',
      'SendMessageBatchRequestEntry.2.Id': 'bad',
      'SendMessageBatchRequestEntry.2.MessageBody': 'two',
      'SendMessageBatchRequestEntry.2.DelaySeconds': '901',
    });
    const [message] = await rig.receive(QueueUrl);
    const changed = await post({
      Action: 'ChangeMessageVisibilityBatch',
      QueueUrl,
      'ChangeMessageVisibilityBatchRequestEntry.1.Id': 'c',
      'ChangeMessageVisibilityBatchRequestEntry.1.ReceiptHandle': message?.ReceiptHandle ?? '',
      'ChangeMessageVisibilityBatchRequestEntry.1.VisibilityTimeout': '60',
    });
    const deleted = await post({
      Action: 'DeleteMessageBatch',
      QueueUrl,
      'DeleteMessageBatchRequestEntry.1.Id': 'd',
      'DeleteMessageBatchRequestEntry.1.ReceiptHandle': message?.ReceiptHandle ?? '',
    });

    expect(textOf(sent.xml, 'SendMessageBatchResultEntry')).toContain('<Id>good</Id>');
    expect(textOf(sent.xml, 'BatchResultErrorEntry')).toContain(
      '<Id>bad</Id><SenderFault>true</SenderFault><Code>InvalidParameterValue</Code>',
    );
    expect(textOf(changed.xml, 'ChangeMessageVisibilityBatchResultEntry')).toBe('<Id>c</Id>');
    expect(textOf(deleted.xml, 'DeleteMessageBatchResultEntry')).toBe('<Id>d</Id>');
  });

  it('starts, lists and cancels a redrive', async () => {
    const [source, dlq] = await rig.createPair('orders', 'dead', 1, { VisibilityTimeout: '0' });
    for (const body of ['1', '2']) await rig.send(source, body);
    await rig.receive(source);
    await rig.receive(source);

    const started = await post({
      Action: 'StartMessageMoveTask',
      SourceArn: rig.arn('dead'),
      MaxNumberOfMessagesPerSecond: '1',
    });
    const listed = await post({ Action: 'ListMessageMoveTasks', SourceArn: rig.arn('dead'), MaxResults: '10' });
    const cancelled = await post({ Action: 'CancelMessageMoveTask', TaskHandle: textOf(started.xml, 'TaskHandle') });

    expect(textOf(listed.xml, 'ListMessageMoveTasksResultEntry')).toBe(
      `<TaskHandle>${textOf(started.xml, 'TaskHandle')}</TaskHandle><Status>RUNNING</Status>` +
        '<SourceArn>arn:aws:sqs:eu-central-1:000000000000:dead</SourceArn>' +
        '<MaxNumberOfMessagesPerSecond>1</MaxNumberOfMessagesPerSecond>' +
        '<ApproximateNumberOfMessagesMoved>0</ApproximateNumberOfMessagesMoved>' +
        '<ApproximateNumberOfMessagesToMove>2</ApproximateNumberOfMessagesToMove>' +
        '<StartedTimestamp>1767225600000</StartedTimestamp>',
    );
    expect(textOf(cancelled.xml, 'ApproximateNumberOfMessagesMoved')).toBe('0');
    expect(await rig.attribute(dlq, 'ApproximateNumberOfMessages')).toBe('2');
  });
});

describe('SQS by the query protocol: errors', () => {
  it('answers with the query protocol’s code of an error', async () => {
    expect(await post({ Action: 'GetQueueUrl', QueueName: 'nothing' })).toEqual({
      status: 400,
      type: 'text/xml',
      xml:
        `<?xml version="1.0"?><ErrorResponse ${XMLNS}><Error><Type>Sender</Type>` +
        '<Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>The specified queue does not exist.</Message>' +
        '<Detail/></Error><RequestId>…</RequestId></ErrorResponse>',
    });
  });

  it.each([
    [{}, 400, 'MissingAction'],
    [{ Action: 'ListNothing' }, 400, 'InvalidAction'],
    [{ Action: 'GetQueueUrl' }, 400, 'MissingParameter'],
    [{ Action: 'CreateQueue', QueueName: 'a b' }, 400, 'InvalidParameterValue'],
    [{ Action: 'ListQueues', MaxResults: 'many' }, 400, 'MalformedInput'],
  ])('refuses %j', async (parameters, status, code) => {
    const refused = await post(parameters);

    expect([refused.status, textOf(refused.xml, 'Code')]).toEqual([status, code]);
  });

  it('refuses an unsupported service in the form that its client reads', async () => {
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    const headers = { ...HEADERS, authorization: HEADERS.authorization.replace('/sqs/', '/sts/') };

    const refused = await answerOf(await fetch(await endpointUrl(), { method: 'POST', headers, body }));

    expect(refused).toMatchObject({ status: 400, type: 'text/xml' });
    expect(textOf(refused.xml, 'Message')).toBe("signing name 'sts' names no service of this run; it has sqs");
  });
});
