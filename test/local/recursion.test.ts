import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { App, Stack } from 'aws-cdk-lib';
import { Code, Function as Handler, RecursiveLoop, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { expect, it } from 'vitest';
import { createMovableClock } from '../../local/clock.ts';
import { driveTime } from '../../local/drive-time.ts';
import { startLocalRun } from '../../local/run.ts';
import { createTemporaryFolder } from '../../local/temporary-folder.ts';

/** Sends the message to its own queue again until it has been handled 18 times. */
const RESEND = `
import { SendMessageCommand, SQSClient } from 'SDK';
const client = new SQSClient();
export const handler = async ({ Records }) => {
  for (const { body } of Records) {
    const times = Number(body) + 1;
    if (times < 18) await client.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE, MessageBody: String(times) }));
    console.log('handled ' + times);
  }
};
`;

function synthesize(folder: string, recursiveLoop: RecursiveLoop | undefined): string {
  const code = join(folder, 'code');
  mkdirSync(code);
  writeFileSync(join(code, 'index.mjs'), RESEND.replace('SDK', import.meta.resolve('@aws-sdk/client-sqs')));
  const app = new App({ outdir: join(folder, 'assembly') });
  const stack = new Stack(app, 'Loop');
  const deadLetters = new Queue(stack, 'DeadLetters');
  const queue = new Queue(stack, 'Queue', { deadLetterQueue: { queue: deadLetters, maxReceiveCount: 2 } });
  const handler = new Handler(stack, 'Handler', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset(code),
    environment: { QUEUE: queue.queueUrl },
    ...(recursiveLoop === undefined ? {} : { recursiveLoop }),
  });
  handler.addEventSource(new SqsEventSource(queue));
  queue.grantSendMessages(handler);
  return app.synth().directory;
}

// a planted fault of the template, and the template without it
it.each([
  ['which lacks RecursiveLoop', undefined, 16, 1],
  ['with RecursiveLoop: Allow', RecursiveLoop.ALLOW, 18, 0],
] as const)(
  'a template %s decides how often a consumer that resends to its queue runs',
  async (_what, loop, times, dead) => {
    using folder = createTemporaryFolder();
    const lines: string[] = [];
    const run = await startLocalRun({
      assemblyFolder: synthesize(folder.path, loop),
      clock: createMovableClock(),
      log: () => {},
      onLogLine: (_functionName, line) => lines.push(line),
    });
    const client = new SQSClient({
      endpoint: run.endpointUrl,
      region: run.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const urlOf = (logicalId: string) =>
      run.deployment.queues.find((queue) => queue.logicalId.startsWith(logicalId))?.physicalId;

    await client.send(new SendMessageCommand({ QueueUrl: urlOf('Queue'), MessageBody: '0' }));
    await driveTime(run);
    const depths = run.sqs.depths().filter(({ queueName }) => queueName.includes('DeadLetters'));
    client.destroy();
    await run.close();

    expect(lines.filter((line) => line.includes('handled'))).toHaveLength(times);
    expect(depths).toMatchObject([{ visible: dead }]);
  },
);
