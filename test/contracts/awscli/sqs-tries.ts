import { deepEqual, equal, partialDeepStrictEqual } from 'node:assert/strict';
import { SQSClient, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import type { Cli } from './cli.ts';
import type { Tries } from './tries.ts';

interface SqsTriesOptions {
  readonly endpointUrl: string;
  readonly region: string;
  readonly accountId: string;
}

const json = (value: unknown) => JSON.stringify(value);
const BODY = '<order id="1">\r\n  Crème & co.\n</order>';

export function sqsTries({ endpointUrl, region, accountId }: SqsTriesOptions): Tries {
  const queue = (name: string) => ['--queue-url', `${endpointUrl}/${accountId}/${name}`];
  const arn = (name: string) => `arn:aws:sqs:${region}:${accountId}:${name}`;
  const receive = (cli: Cli, name: string) =>
    cli.run(
      ...['sqs', 'receive-message', ...queue(name), '--attribute-names', 'All'],
      ...['--message-attribute-names', 'All', '--query', 'Messages[0]'],
    );

  return {
    'sqs create-queue, FIFO with a dead-letter queue and tags': async (cli) => {
      const fifo = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
      const RedrivePolicy = json({ deadLetterTargetArn: arn('dead.fifo'), maxReceiveCount: 1 });
      const source = { ...fifo, VisibilityTimeout: '0', RedrivePolicy };
      await cli.run(
        'sqs',
        'create-queue',
        '--queue-name',
        'dead.fifo',
        '--attributes',
        json(fifo),
        '--tags',
        'team=shop',
      );
      await cli.run('sqs', 'create-queue', '--queue-name', 'orders.fifo', '--attributes', json(source));

      deepEqual(await cli.run('sqs', 'list-queue-tags', ...queue('dead.fifo')), { Tags: { team: 'shop' } });
      deepEqual(await cli.run('sqs', 'list-dead-letter-source-queues', ...queue('dead.fifo')), {
        queueUrls: [`${endpointUrl}/${accountId}/orders.fifo`],
      });
    },
    'sqs send-message, receive-message with attributes': async (cli) => {
      const attributes = {
        kind: { DataType: 'String', StringValue: 'order' },
        'lines.count': { DataType: 'Number', StringValue: '3' },
      };
      await cli.run(
        ...['sqs', 'send-message', ...queue('orders.fifo'), '--message-body', BODY],
        ...['--message-group-id', 'o-1', '--message-attributes', json(attributes)],
      );
      partialDeepStrictEqual(await receive(cli, 'orders.fifo'), {
        Body: BODY,
        Attributes: { MessageGroupId: 'o-1', ApproximateReceiveCount: '1' },
        MessageAttributes: attributes,
      });
    },
    'sqs dead letters, after one receive too many': async (cli) => {
      equal(await receive(cli, 'orders.fifo'), null);
      const asked = ['--attribute-names', 'ApproximateNumberOfMessages'];
      deepEqual(await cli.run('sqs', 'get-queue-attributes', ...queue('dead.fifo'), ...asked), {
        Attributes: { ApproximateNumberOfMessages: '1' },
      });
    },
    'sqs redrive by start-message-move-task': async (cli) => {
      if (await cli.knows('sqs', 'start-message-move-task')) {
        await cli.run('sqs', 'start-message-move-task', '--source-arn', arn('dead.fifo'));
      } else {
        console.log('     this CLI is older than start-message-move-task: the SDK starts it instead');
        const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
        const client = new SQSClient({ endpoint: endpointUrl, region, credentials });
        await client.send(new StartMessageMoveTaskCommand({ SourceArn: arn('dead.fifo') }));
        client.destroy();
      }
      partialDeepStrictEqual(await receive(cli, 'orders.fifo'), { Body: BODY });
    },
    'sqs change-message-visibility, delete-message': async (cli) => {
      await cli.run('sqs', 'create-queue', '--queue-name', 'plain');
      await cli.run('sqs', 'send-message', ...queue('plain'), '--message-body', 'one');
      const handle = await cli.run('sqs', 'receive-message', ...queue('plain'), '--query', 'Messages[0].ReceiptHandle');
      const receipt = ['--receipt-handle', String(handle)];
      await cli.run('sqs', 'change-message-visibility', ...queue('plain'), ...receipt, '--visibility-timeout', '60');
      await cli.run('sqs', 'delete-message', ...queue('plain'), ...receipt);

      const inFlight = ['--attribute-names', 'ApproximateNumberOfMessagesNotVisible'];
      deepEqual(await cli.run('sqs', 'get-queue-attributes', ...queue('plain'), ...inFlight), {
        Attributes: { ApproximateNumberOfMessagesNotVisible: '0' },
      });
    },
    'sqs send-message-batch, with an entry refused': async (cli) => {
      const entries = [
        { Id: 'good', MessageBody: 'two' },
        { Id: 'bad', MessageBody: 'three', DelaySeconds: 901 },
      ];
      const sent = await cli.run('sqs', 'send-message-batch', ...queue('plain'), '--entries', json(entries));
      partialDeepStrictEqual(sent, {
        Successful: [{ Id: 'good' }],
        Failed: [{ Id: 'bad', Code: 'InvalidParameterValue', SenderFault: true }],
      });
    },
    'sqs purge-queue, once a minute': async (cli) => {
      await cli.run('sqs', 'purge-queue', ...queue('plain'));
      equal(await cli.fails('sqs', 'purge-queue', ...queue('plain')), 'AWS.SimpleQueueService.PurgeQueueInProgress');
    },
    'sqs errors by the codes that CLIs know': async (cli) => {
      equal(
        await cli.fails('sqs', 'get-queue-url', '--queue-name', 'nowhere'),
        'AWS.SimpleQueueService.NonExistentQueue',
      );
    },
  };
}
