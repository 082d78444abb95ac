import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { openSqsRig, type SqsRig } from './sqs-rig.ts';

const OF_REQUEST = 'Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1';
const OF_MESSAGE = 'Root=1-5e1b4151-43a0913a12345678';

/** Every request of the rig's client carries the header from now on, as those of a traced function do. */
const traceRequests = ({ client }: SqsRig): void =>
  client.middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers['X-Amzn-Trace-Id'] = OF_REQUEST;
      return next(args);
    },
    { step: 'build' },
  );

const traceHeaders = async (rig: SqsRig, queueUrl: string) =>
  (await rig.receive(queueUrl)).map(({ Body, Attributes }) => [Body, Attributes?.AWSTraceHeader]);

describe('SQS: the trace header of a request', () => {
  it.each(['q', 'q.fifo'])(
    'becomes AWSTraceHeader of a message sent to %s, and no part of its digests',
    async (name) => {
      const rig = await openSqsRig();
      const QueueUrl = await rig.create(name);
      const MessageGroupId = 'g';
      traceRequests(rig);

      const alone = await rig.client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'alone', MessageGroupId }));
      const Entries = ['a', 'b'].map((id) => ({ Id: id, MessageBody: id, MessageGroupId }));
      const { Successful } = await rig.client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));

      expect(await traceHeaders(rig, QueueUrl)).toEqual([
        ['alone', OF_REQUEST],
        ['a', OF_REQUEST],
        ['b', OF_REQUEST],
      ]);
      expect([alone, ...(Successful ?? [])].map((sent) => sent.MD5OfMessageSystemAttributes)).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    },
  );

  it('is ignored if the message has an AWSTraceHeader of its own', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q');
    const AWSTraceHeader = { DataType: 'String', StringValue: OF_MESSAGE };
    traceRequests(rig);

    const sent = await rig.client.send(
      new SendMessageCommand({ QueueUrl, MessageBody: 'own', MessageSystemAttributes: { AWSTraceHeader } }),
    );

    expect(await traceHeaders(rig, QueueUrl)).toEqual([['own', OF_MESSAGE]]);
    expect(sent.MD5OfMessageSystemAttributes).toBe('a310d4386b07fd6aed04c22e42a51343');
  });
});
