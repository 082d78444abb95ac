import { fileURLToPath } from 'node:url';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Archive, EventBus, EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Architecture, type IFunction, LoggingFormat, Runtime, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { DeduplicationScope, FifoThroughputLimit, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENVIRONMENTS } from '../../infra/environments.ts';
import { featureFlags } from '../../infra/feature-flags.ts';
import { STACK_NAME } from '../app/bench-app.ts';
import { SOURCE, TYPE } from './functions/happened.ts';

export interface PeerAppProps {
  /** `sample`: as in AWS's outbox sample; `partial`: it reports from where on the stream has to repeat a batch. */
  readonly relay: 'sample' | 'partial';
  /** `powertools`: batch processor and idempotency; `least`: one transaction per event and nothing else. */
  readonly consumer: 'powertools' | 'least';
}

const ENTRIES = {
  sample: new URL('./functions/relay-sample/index.ts', import.meta.url),
  partial: new URL('./functions/relay-partial/index.ts', import.meta.url),
  powertools: new URL('./functions/consumer/index.ts', import.meta.url),
  least: new URL('./functions/least-consumer/index.ts', import.meta.url),
} as const;

/** The sample's, and that of Waybill's relay. */
const RELAY_BATCH_SIZE = { sample: 10, partial: 100 } as const;

/** The same as Waybill's run has. */
const { maxConcurrency, maxReceiveCount } = ENVIRONMENTS.dev;
const TIMEOUT = Duration.seconds(30);
const MEMORY_SIZE = 512;

/** Outbox, stream, relay, bus, FIFO queue and consumer from CDK's own constructs, as a team writes them itself. */
export function synthesizePeerApp(outdir: string, { relay, consumer }: PeerAppProps): void {
  const app = new App({ outdir, context: { ...featureFlags(), 'aws:cdk:enable-path-metadata': true } });
  const hub = new Stack(app, 'BenchHub');
  const keyed = { billingMode: BillingMode.PAY_PER_REQUEST, timeToLiveAttribute: 'expiration' } as const;
  const outbox = new Table(hub, 'Outbox', {
    ...keyed,
    partitionKey: { name: 'group', type: AttributeType.STRING },
    sortKey: { name: 'sequence', type: AttributeType.NUMBER },
    stream: StreamViewType.NEW_IMAGE,
  });
  const byId = { ...keyed, partitionKey: { name: 'id', type: AttributeType.STRING } } as const;
  const inbox = new Table(hub, 'Inbox', byId);
  const bus = new EventBus(hub, 'Bus');
  new Archive(hub, 'Archive', { sourceEventBus: bus, eventPattern: { source: [SOURCE] }, retention: Duration.days(7) });

  const publisher = functionIn(new Construct(hub, 'Relay'), 'relay', ENTRIES[relay]);
  publisher.addEnvironment('BUS_NAME', bus.eventBusName);
  bus.grantPutEventsTo(publisher);
  publisher.addEventSource(
    new DynamoEventSource(outbox, {
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: RELAY_BATCH_SIZE[relay],
      ...(relay === 'partial' ? { reportBatchItemFailures: true, bisectBatchOnError: true } : {}),
    }),
  );

  const stack = new Stack(app, STACK_NAME);
  const effects = new Table(stack, 'Table', byId);
  const handler = functionIn(new Construct(stack, 'consumer-1'), 'consumer-1', ENTRIES[consumer]);
  handler.addEnvironment('BENCH_TABLE_NAME', effects.tableName);
  handler.addEnvironment('INBOX_TABLE_NAME', inbox.tableName);
  effects.grantWriteData(handler);
  inbox.grantReadWriteData(handler);
  subscribe(stack, bus, handler);
  app.synth();
}

/** ESM, minified and with the SDK in it, as AWS advises. */
const functionIn = (scope: Construct, service: string, entry: URL): NodejsFunction =>
  new NodejsFunction(scope, 'Function', {
    entry: fileURLToPath(entry),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: MEMORY_SIZE,
    timeout: TIMEOUT,
    loggingFormat: LoggingFormat.JSON,
    environment: { POWERTOOLS_SERVICE_NAME: service, POWERTOOLS_METRICS_NAMESPACE: 'Bench' },
    bundling: {
      format: OutputFormat.ESM,
      target: 'node24',
      mainFields: ['module', 'main'],
      minify: true,
      sourceMap: true,
      sourcesContent: false,
      externalModules: [],
    },
  });

function subscribe(stack: Stack, bus: EventBus, handler: IFunction): void {
  const fifo = {
    fifo: true,
    contentBasedDeduplication: true,
    deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
    fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
  };
  const retentionPeriod = Duration.days(14);
  const queue = new Queue(stack, 'Queue', {
    ...fifo,
    visibilityTimeout: Duration.seconds(6 * TIMEOUT.toSeconds()),
    deadLetterQueue: { queue: new Queue(stack, 'DeadLetterQueue', { ...fifo, retentionPeriod }), maxReceiveCount },
  });
  new Rule(stack, 'Rule', {
    eventBus: bus,
    eventPattern: { source: [SOURCE], detailType: [TYPE] },
    targets: [
      new SqsQueue(queue, {
        messageGroupId: EventField.fromPath('$.detail.partitionkey'),
        message: RuleTargetInput.fromEventPath('$.detail'),
        deadLetterQueue: new Queue(stack, 'UndeliverableQueue', { retentionPeriod }),
      }),
    ],
  });
  handler.addEventSource(new SqsEventSource(queue, { batchSize: 10, maxConcurrency, reportBatchItemFailures: true }));
}
