import { Duration, Stack, Validations } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { Grant } from 'aws-cdk-lib/aws-iam';
import {
  FilterCriteria,
  FilterRule,
  type IEventSourceDlq,
  type IFunction,
  MetricType,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ENV, OUTBOX_ATTRIBUTES, OUTBOX_KIND } from '../../lib/definitions/index.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { reservedFor } from './concurrency.ts';
import { removalPolicyOf } from './removal-policy.ts';
import { WaybillFunction } from './waybill-function.ts';

/** The relay's name in logs and metrics. */
export const RELAY_SERVICE = 'relay';

/** Ten full PutEvents calls: enough to fill them when there is much to do, few to repeat when one fails. */
const BATCH_SIZE = 100;

/** A batch that waits out a throttled bus, with room to report what is left. */
const TIMEOUT = Duration.seconds(60);

/**
 * A record that crashes every execution is set aside after this many attempts, and its shard continues. What the bus
 * refuses for good the relay quarantines by itself, so this is the last resort; and since an attempt waits up to a
 * minute for a bus that is down, an outage of half an hour passes without setting anything aside.
 */
const RETRY_ATTEMPTS = 30;

/**
 * One hour less than the stream's retention (24 hours), after which a record would be lost without a notice.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
 */
const MAX_RECORD_AGE = Duration.hours(23);

export interface RelayProps {
  readonly entry: string;
  readonly settings: EnvironmentSettings;
  readonly environmentName: string;
  readonly outboxTable: ITable;
  readonly pendingTable: ITable;
  readonly bus: IEventBus;
  readonly maxBatchingWindow: Duration;
}

/** Publishes the events of the outbox's stream to the bus. Batches that it cannot process are stored in a bucket. */
export class Relay extends Construct {
  readonly function: WaybillFunction;
  /** Batches that the stream mapping gave up on: one object per batch, with its records. */
  readonly failedRecordsBucket: Bucket;
  /** Dimension of the stream mapping's metrics. */
  readonly eventSourceMappingId: string;

  constructor(scope: Construct, id: string, props: RelayProps) {
    super(scope, id);
    this.failedRecordsBucket = createFailedRecordsBucket(this, props.settings);
    this.function = new WaybillFunction(this, 'Function', {
      entry: props.entry,
      serviceName: RELAY_SERVICE,
      eventStreams: false,
      alarms: [],
      ...reservedFor(props.settings, props.settings.relayReservedConcurrency),
      settings: props.settings,
      follows: props.environmentName,
      timeout: TIMEOUT,
      description: 'Waybill: publishes committed events from the outbox to the bus',
    });
    this.function.addEnvironment(ENV.busName, props.bus.eventBusName);
    props.bus.grantPutEventsTo(this.function);
    this.function.addEnvironment(ENV.pendingTableName, props.pendingTable.tableName);
    Grant.addToPrincipal({
      grantee: this.function,
      // a delete within BatchWriteItem is authorized as BatchWriteItem
      actions: ['dynamodb:BatchWriteItem', 'dynamodb:UpdateItem'],
      resourceArns: [props.pendingTable.tableArn],
    });
    const source = this.readStream(props);
    this.eventSourceMappingId = source.eventSourceMappingId;
  }

  private readStream({ outboxTable, maxBatchingWindow }: RelayProps): DynamoEventSource {
    const source = new DynamoEventSource(outboxTable, {
      // LATEST misses events that are committed while the mapping is created or changed
      startingPosition: StartingPosition.TRIM_HORIZON,
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.isEqual('INSERT'),
          dynamodb: { NewImage: { [OUTBOX_ATTRIBUTES.kind]: { S: FilterRule.isEqual(OUTBOX_KIND.event) } } },
        }),
      ],
      batchSize: BATCH_SIZE,
      maxBatchingWindow,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      retryAttempts: RETRY_ATTEMPTS,
      maxRecordAge: MAX_RECORD_AGE,
      onFailure: wholeRecordsTo(this.failedRecordsBucket),
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    });
    this.function.addEventSource(source);
    this.acknowledgeWildcards();
    return source;
  }

  private acknowledgeWildcards(): void {
    const bucket = this.failedRecordsBucket;
    // the rule names its finding by the bucket's logical id
    const arn: { readonly 'Fn::GetAtt': readonly [string, string] } = Stack.of(bucket).resolve(bucket.bucketArn);
    Validations.of(this.function.executionRole).acknowledge(
      {
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'dynamodb:ListStreams, which the stream mapping needs, knows no resources.',
      },
      {
        id: `AwsSolutions-IAM5[Resource::<${arn['Fn::GetAtt'][0]}.Arn>/aws/lambda/*]`,
        reason: 'The stream mapping makes up the rest of the key: its own id, the shard, the time.',
      },
    );
  }
}

/**
 * S3, since a queue or topic would get metadata only, worthless once the stream has forgotten the records. CDK's own
 * `S3OnFailureDestination` also grants reading and deleting.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
const wholeRecordsTo = (bucket: IBucket): IEventSourceDlq => ({
  bind: (_mapping, handler: IFunction) => {
    Grant.addToPrincipal({
      grantee: handler,
      actions: ['s3:PutObject'],
      resourceArns: [bucket.arnForObjects('aws/lambda/*')],
    });
    Grant.addToPrincipal({ grantee: handler, actions: ['s3:ListBucket'], resourceArns: [bucket.bucketArn] });
    return { destination: bucket.bucketArn };
  },
});

function createFailedRecordsBucket(scope: Construct, settings: EnvironmentSettings): Bucket {
  const bucket = new Bucket(scope, 'FailedRecords', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    // as long as the log keeps the events
    lifecycleRules: [{ expiration: Duration.days(settings.outboxRetentionDays) }],
    removalPolicy: removalPolicyOf(settings),
  });
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'Only the relay writes here, and seldom; CloudTrail data events tell who reads, without a second bucket.',
  });
  return bucket;
}
