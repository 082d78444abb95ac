import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, StreamViewType, Table, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Archive, EventBus, EventField, Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import {
  Code,
  FilterCriteria,
  FilterRule,
  Function as Handler,
  Runtime,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, S3OnFailureDestination, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';

export interface OutboxAppOptions {
  /** How CDK renders references between stacks: as Fn::GetStackOutput or as exports. */
  readonly crossStackReferences: 'weak' | 'strong';
  /** Where in the folder the assembly lies. @default assembly */
  readonly name?: string;
  /** Each with rule, queue with dead letters, function and table of its own. @default Billing */
  readonly consumers?: readonly ConsumerOptions[];
}

interface ConsumerOptions {
  readonly id: string;
  /** @default Bills */
  readonly tableId?: string;
  /** Attribute that the table has for each order. @default group */
  readonly writes?: string;
  /** Gives the table a name of its own. @default CloudFormation's */
  readonly tableName?: string;
}

const RELAY = `
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
const client = new EventBridgeClient();
export const handler = async ({ Records }) => {
  if (Records === undefined) return console.log('called on schedule');
  const Entries = Records.map(({ dynamodb }) => ({
    EventBusName: process.env.BUS_NAME,
    Source: 'shop',
    DetailType: 'order.placed',
    Detail: dynamodb.NewImage.event.S,
  }));
  const { FailedEntryCount } = await client.send(new PutEventsCommand({ Entries }));
  if (FailedEntryCount > 0) throw new Error('PutEvents failed');
};
`;

const consumerCode = (attribute: string) => `
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
const client = new DynamoDBClient();
export const handler = async ({ Records }) => {
  for (const { body, attributes } of Records) {
    const { orderId } = JSON.parse(body);
    const Item = { id: { S: orderId }, ${attribute}: { S: attributes.MessageGroupId } };
    await client.send(new PutItemCommand({ TableName: process.env.TABLE, Item }));
  }
  return { batchItemFailures: [] };
};
`;

/**
 * Synthesizes two stacks: `Hub` (outbox, relay, bus, archive, schedule) and `Shop` (rule, FIFO queue with its dead
 * letters, consumer, bills). The functions' code lies in `folder`, too.
 * @returns the folder of the assembly.
 */
export function synthesizeOutboxApp(folder: string, options: OutboxAppOptions): string {
  const app = new App({
    outdir: join(folder, options.name ?? 'assembly'),
    context: {
      '@aws-cdk/core:defaultCrossStackReferences': options.crossStackReferences,
      'aws:cdk:enable-path-metadata': true,
    },
  });
  const hub = new Stack(app, 'Hub');
  const bus = addHub(hub, writeCode(folder, 'relay', RELAY));
  const shop = new Stack(app, 'Shop');
  for (const consumer of options.consumers ?? [{ id: 'Billing' }]) addConsumer(shop, bus, consumer, folder);
  return app.synth().directory;
}

function addHub(stack: Stack, relayFolder: string): EventBus {
  const outbox = new Table(stack, 'Outbox', {
    partitionKey: { name: 'partitionkey', type: AttributeType.STRING },
    sortKey: { name: 'sequence', type: AttributeType.NUMBER },
    stream: StreamViewType.NEW_IMAGE,
    timeToLiveAttribute: 'expires',
  });
  const bus = new EventBus(stack, 'Bus');
  new Archive(stack, 'Archive', { sourceEventBus: bus, eventPattern: { account: [stack.account] } });
  const relay = new Handler(stack, 'Relay', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset(relayFolder),
    environment: { BUS_NAME: bus.eventBusName },
    logGroup: new LogGroup(stack, 'RelayLogs'),
  });
  bus.grantPutEventsTo(relay);
  relay.addEventSource(
    new DynamoEventSource(outbox, {
      startingPosition: StartingPosition.TRIM_HORIZON,
      // as many as PutEvents takes
      batchSize: 10,
      retryAttempts: 0,
      filters: [FilterCriteria.filter({ eventName: FilterRule.isEqual('INSERT') })],
      onFailure: new S3OnFailureDestination(new Bucket(stack, 'Failed', { enforceSSL: true })),
    }),
  );
  new Rule(stack, 'Nightly', { schedule: Schedule.rate(Duration.days(1)), targets: [new LambdaFunction(relay)] });
  return bus;
}

function addConsumer(stack: Stack, bus: EventBus, options: ConsumerOptions, folder: string): void {
  const { id, tableId = 'Bills', writes = 'group', tableName } = options;
  const table = new TableV2(stack, tableId, {
    partitionKey: { name: 'id', type: AttributeType.STRING },
    ...(tableName === undefined ? {} : { tableName }),
  });
  const deadLetters = new Queue(stack, `${id}DeadLetters`, { fifo: true });
  const queue = new Queue(stack, `${id}Queue`, {
    fifo: true,
    contentBasedDeduplication: true,
    enforceSSL: true,
    visibilityTimeout: Duration.seconds(18),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
  });
  new Rule(stack, `${id}Rule`, {
    eventBus: bus,
    eventPattern: { detailType: ['order.placed'] },
    targets: [
      new SqsQueue(queue, {
        message: RuleTargetInput.fromEventPath('$.detail'),
        messageGroupId: EventField.fromPath('$.detail.orderId'),
        deadLetterQueue: new Queue(stack, id === 'Billing' ? 'Undeliverable' : `${id}Undeliverable`),
      }),
    ],
  });
  const handler = new Handler(stack, id, {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset(writeCode(folder, `${id}-${writes}`, consumerCode(writes))),
    environment: { TABLE: table.tableName },
  });
  table.grantWriteData(handler);
  handler.addEventSource(new SqsEventSource(queue, { reportBatchItemFailures: true }));
  new Alarm(stack, `${id}DeadLettersAlarm`, {
    metric: deadLetters.metricApproximateNumberOfMessagesVisible(),
    threshold: 1,
    evaluationPeriods: 1,
  });
}

/** The SDK is found in the project's own node_modules, through the import's absolute path. */
function writeCode(folder: string, name: string, source: string): string {
  const codeFolder = join(folder, name);
  mkdirSync(codeFolder, { recursive: true });
  const resolved = source.replace(/from '(@aws-sdk[^']+)'/g, (_, sdk) => `from '${import.meta.resolve(sdk)}'`);
  writeFileSync(join(codeFolder, 'index.mjs'), resolved);
  return codeFolder;
}
