import { InvokeCommand } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { until } from '../../fixtures/until.ts';
import { type LambdaRig, openLambdaRig, type Queue } from './lambda-rig.ts';

const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:picky';

const PICKY = `export const handler = async (event) => {
  console.log(JSON.stringify(event));
  if (event.bad) throw new TypeError('no good');
  return 'fine';
};`;

const accept = (rig: LambdaRig, event: object, FunctionName = 'picky') =>
  rig.lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: JSON.stringify(event) }));

async function recordsOf(rig: LambdaRig, queue: Queue): Promise<unknown[]> {
  const receive = new ReceiveMessageCommand({ QueueUrl: queue.url, WaitTimeSeconds: 20, MaxNumberOfMessages: 10 });
  const { Messages = [] } = await rig.sqs.send(receive);
  return Messages.map(({ Body = '' }) => JSON.parse(Body));
}

describe('the asynchronous invocations of a function', () => {
  it('are sent to a queue when the retries are used up', async () => {
    await using rig = await openLambdaRig();
    rig.add('picky', PICKY);
    const failed = await rig.queue('failed');
    rig.host.configureAsync('picky', { maximumRetryAttempts: 1, onFailureArn: failed.arn });

    await accept(rig, { bad: 1 });
    await rig.tells(1);
    await until(() => rig.host.waitingForTime() > 0);
    rig.clock.advance(60_000);
    await rig.tells(2);

    expect(await recordsOf(rig, failed)).toEqual([
      {
        version: '1.0',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        requestContext: {
          requestId: expect.any(String),
          functionArn: `${ARN}:$LATEST`,
          condition: 'RetriesExhausted',
          approximateInvokeCount: 2,
        },
        requestPayload: { bad: 1 },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        responsePayload: expect.objectContaining({ errorType: 'TypeError', errorMessage: 'no good' }),
      },
    ]);
    expect(rig.troubles).toEqual([
      'error an asynchronous invocation failed for good; its event goes to its destination',
    ]);
  });

  it('are reported to a queue when they succeed', async () => {
    await using rig = await openLambdaRig();
    rig.add('picky', PICKY);
    const done = await rig.queue('done');
    rig.host.configureAsync('picky', { onSuccessArn: done.arn });

    await accept(rig, { good: 1 });

    expect(await recordsOf(rig, done)).toMatchObject([
      {
        requestContext: { condition: 'Success', approximateInvokeCount: 1 },
        requestPayload: { good: 1 },
        responsePayload: 'fine',
      },
    ]);
  });

  it('are not retried if the settings say so', async () => {
    await using rig = await openLambdaRig();
    rig.add('picky', PICKY);
    rig.host.configureAsync('picky', { maximumRetryAttempts: 0 });

    await accept(rig, { bad: 1 });
    await rig.troubled(1);

    expect(rig.told).toEqual([{ bad: 1 }]);
    expect(rig.troubles).toEqual(['error an asynchronous invocation failed for good; its event is dropped']);
  });

  it('are given up when the event is too old for another attempt', async () => {
    await using rig = await openLambdaRig();
    rig.add('picky', PICKY);
    const failed = await rig.queue('failed');
    rig.host.configureAsync('picky', { maximumEventAgeSeconds: 90, onFailureArn: failed.arn });

    await accept(rig, { bad: 1 });
    await rig.tells(1);
    await until(() => rig.host.waitingForTime() > 0);
    rig.clock.advance(60_000);

    expect(await recordsOf(rig, failed)).toMatchObject([
      { requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 2 } },
    ]);
  });

  it('have settings of their own for an alias', async () => {
    await using rig = await openLambdaRig();
    rig.add('picky', PICKY);
    rig.host.createAlias('picky', { name: 'live', version: rig.host.publishVersion('picky'), weights: {} });
    const failed = await rig.queue('failed');
    rig.host.configureAsync('picky:live', { maximumRetryAttempts: 0, onFailureArn: failed.arn });

    await accept(rig, { bad: 1 }, 'picky:live');

    expect(await recordsOf(rig, failed)).toMatchObject([
      { requestContext: { functionArn: `${ARN}:live` }, responseContext: { executedVersion: '1' } },
    ]);
  });

  it('log an error when a record does not reach its queue', async () => {
    await using rig = await openLambdaRig();
    rig.add('picky', PICKY);
    rig.host.configureAsync('picky', { onSuccessArn: 'arn:aws:sqs:eu-west-1:123456789012:gone' });

    await accept(rig, {});
    await rig.troubled(1);

    expect(rig.troubles).toEqual(['error the record of an asynchronous invocation did not reach its destination']);
  });

  it('refuse invalid settings with all problems at once', async () => {
    await using rig = await openLambdaRig();
    rig.add('picky', PICKY);
    const onFailureArn = 'arn:aws:sqs:eu-west-1:123456789012:failed.fifo';
    const settings = { maximumRetryAttempts: 3, maximumEventAgeSeconds: 59, onFailureArn };

    expect(() => rig.host.configureAsync('picky', settings)).toThrow(
      `MaximumRetryAttempts is 3, allowed is 0 to 2; MaximumEventAgeInSeconds is 59, allowed is 60 to 21600; destination '${onFailureArn}' is none of the local run: name a standard SQS queue`,
    );
    expect(() => rig.host.configureAsync('nobody', {})).toThrow('Function not found');
  });
});
