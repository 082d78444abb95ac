import {
  GetFunctionRecursionConfigCommand,
  InvokeCommand,
  PutFunctionRecursionConfigCommand,
} from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { until } from '../../fixtures/until.ts';
import { type LambdaRig, openLambdaRig, type Queue } from './lambda-rig.ts';

/** A call as an SDK within a function makes it: the trace of the invocation goes along. */
const CALL = `
  const call = (service, path, headers, body) =>
    fetch(process.env.AWS_ENDPOINT_URL + path, {
      method: 'POST',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=function/20261130/eu-west-1/' + service + '/aws4_request',
        'x-amzn-trace-id': process.env._X_AMZN_TRACE_ID,
        ...headers,
      },
      body: JSON.stringify(body),
    });
  const send = (QueueUrl, MessageBody) =>
    call('sqs', '/', { 'x-amz-target': 'AmazonSQS.SendMessage' }, { QueueUrl, MessageBody });
  const invoke = (name, event, type) =>
    call('lambda', '/2015-03-31/functions/' + name + '/invocations', { 'x-amz-invocation-type': type }, event);`;

/** Sends a message of one more to its own queue, up to 20. */
const loopOver = (queue: Queue) => `${CALL}
  export const handler = async ({ Records }) => {
    for (const { body } of Records) {
      console.log(JSON.stringify([Number(body)]));
      if (Number(body) < 20) await send('${queue.url}', String(Number(body) + 1));
    }
  };`;

const bodiesOf = async (rig: LambdaRig, queue: Queue): Promise<unknown[]> => {
  const receive = new ReceiveMessageCommand({ QueueUrl: queue.url, WaitTimeSeconds: 20, MaxNumberOfMessages: 10 });
  const { Messages = [] } = await rig.sqs.send(receive);
  return Messages.map(({ Body }) => Body);
};

const STOPPED =
  "error recursive loop stopped: the function was invoked about 16 times in one chain of requests; set RecursiveLoop to 'Allow' if it may";
const NOT_SETTLED = (queue: Queue) => `error a batch of ${queue.arn} was not settled; it comes again`;

describe('a function that sends to the queue which invokes it', () => {
  const openLoop = async (rig: LambdaRig, recursiveLoop?: 'Allow') => {
    const dead = await rig.queue('dead');
    const queue = await rig.queue('loop', {
      VisibilityTimeout: '60',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 }),
    });
    rig.add('loop', loopOver(queue), { recursiveLoop });
    await rig.map(queue.arn, 'loop');
    return { dead, queue };
  };

  it('is stopped after 16 invocations of the chain, and the message becomes a dead letter', async () => {
    await using rig = await openLambdaRig();
    const { dead, queue } = await openLoop(rig);

    await rig.sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: '1' }));
    for (const troubles of [2, 4]) {
      await rig.troubled(troubles);
      await rig.settled();
      rig.clock.advance(60_000);
    }

    expect(await bodiesOf(rig, dead)).toEqual(['17']);
    expect(rig.told.flat()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    expect(rig.troubles).toEqual([STOPPED, NOT_SETTLED(queue), STOPPED, NOT_SETTLED(queue)]);
  });

  it('continues if it is allowed to loop', async () => {
    await using rig = await openLambdaRig();
    const { queue } = await openLoop(rig, 'Allow');

    await rig.sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: '1' }));
    const told = await rig.tells(20);

    expect(told.at(-1)).toEqual([20]);
    expect(rig.troubles).toEqual([]);
  });

  it('handles what others send meanwhile', async () => {
    await using rig = await openLambdaRig();
    const { queue } = await openLoop(rig);
    await rig.sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: '1' }));
    await rig.troubled(1);

    await rig.sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: '20' }));
    const told = await rig.tells(17);

    expect(told.at(-1)).toEqual([20]);
  });
});

describe('functions that invoke each other', () => {
  const ping = (other: string, type: 'Event' | 'RequestResponse') => `${CALL}
    export const handler = async ({ count }) => {
      console.log(JSON.stringify(['${other} ' + count]));
      const { status, headers } = await invoke('${other}', { count: count + 1 }, '${type}');
      return { status, error: headers.get('x-amzn-errortype') };
    };`;

  it('are stopped when one of them has run 16 times, and the event goes to its on-failure destination', async () => {
    await using rig = await openLambdaRig();
    const failed = await rig.queue('failed');
    rig.add('ping', ping('pong', 'Event'));
    rig.add('pong', ping('ping', 'Event'));
    rig.host.configureAsync('ping', { onFailureArn: failed.arn });

    await rig.lambda.send(
      new InvokeCommand({ FunctionName: 'ping', InvocationType: 'Event', Payload: JSON.stringify({ count: 1 }) }),
    );
    await until(() => rig.troubles.length >= 2);
    const [record = ''] = await bodiesOf(rig, failed);

    expect(rig.told).toHaveLength(32);
    expect(JSON.parse(String(record))).toMatchObject({
      requestContext: { condition: 'RetriesExhausted' },
      requestPayload: { count: 33 },
    });
    expect(rig.troubles).toEqual([
      STOPPED,
      'error an asynchronous invocation failed for good; its event goes to its destination',
    ]);
  });

  it('get RecursiveInvocationException for the call that would go on', async () => {
    await using rig = await openLambdaRig();
    rig.add('deep', ping('deep', 'RequestResponse'));
    // as if it had run 14 times before
    const chain = 'Root=1-6a4f5c00-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0;Lineage=1:959e019f:13';

    await rig.host.invoke('deep', JSON.stringify({ count: 15 }), chain);

    expect(rig.told.flat()).toEqual(['deep 15', 'deep 16']);
    expect(rig.troubles).toEqual([STOPPED]);
  });
});

describe('the trace of an invocation', () => {
  it('is the AWSTraceHeader of the messages that it sends, and continues in the functions that they invoke', async () => {
    await using rig = await openLambdaRig();
    const queue = await rig.queue('work');
    const TELL = 'console.log(JSON.stringify([process.env._X_AMZN_TRACE_ID]));';
    rig.add('first', `${CALL} export const handler = async () => { ${TELL} await send('${queue.url}', 'x'); };`);
    rig.add(
      'second',
      `export const handler = async ({ Records: [{ attributes }] }) => {
        console.log(JSON.stringify([attributes.AWSTraceHeader])); ${TELL}
      };`,
    );
    await rig.map(queue.arn, 'second');

    await rig.lambda.send(new InvokeCommand({ FunctionName: 'first' }));
    const [sent, received, next] = (await rig.tells(3)).map(String);

    expect(sent).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=1:[0-9a-f]{8}:0$/);
    expect(received).toBe(sent);
    expect(next?.split(';')[0]).toBe(sent?.split(';')[0]);
    expect(next).toMatch(/;Lineage=1:[0-9a-f]{8}:0\|[0-9a-f]{8}:0$/);
  });
});

describe('the recursion setting of a function', () => {
  it('is Terminate unless the function says otherwise, and can be changed', async () => {
    await using rig = await openLambdaRig();
    rig.add('plain', 'export const handler = async () => {};');
    const read = () => rig.lambda.send(new GetFunctionRecursionConfigCommand({ FunctionName: 'plain' }));

    const before = await read();
    await rig.lambda.send(new PutFunctionRecursionConfigCommand({ FunctionName: 'plain', RecursiveLoop: 'Allow' }));
    const after = await read();

    expect(before.RecursiveLoop).toBe('Terminate');
    expect(after.RecursiveLoop).toBe('Allow');
  });
});
