import { processPartialResponse, SqsFifoPartialProcessorAsync } from '@aws-lambda-powertools/batch';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type Happened, happenedSchema } from '../happened.ts';

/** As long as a message can come again: queue, dead-letter queue and redrive. */
const REMEMBERED_SECONDS = 18 * 86_400;

const logger = new Logger();
const metrics = new Metrics();
const client = new DynamoDBClient({});
const documents = DynamoDBDocumentClient.from(client);
const processor = new SqsFifoPartialProcessorAsync();
const config = new IdempotencyConfig({
  eventKeyJmesPath: '[source, id]',
  throwOnNoIdempotencyKey: true,
  expiresAfterSeconds: REMEMBERED_SECONDS,
});

/** One write per event. */
const handleOnce = makeIdempotent(
  async ({ id, partitionkey: group, sequence, time }: Happened) => {
    const Item = { id: `consumer-1#${id}`, group, sequence, time };
    await documents.send(new PutCommand({ TableName: process.env['BENCH_TABLE_NAME'], Item }));
  },
  {
    persistenceStore: new DynamoDBPersistenceLayer({
      tableName: process.env['INBOX_TABLE_NAME'] ?? '',
      awsSdkV3Client: client,
    }),
    config,
    keyPrefix: 'consumer-1',
  },
);

const handleRecord = async ({ body }: SQSRecord): Promise<void> => {
  await handleOnce(happenedSchema.parse(JSON.parse(body)));
};

/** As Powertools' documentation puts batch processing and idempotency together, keyed by the event instead of the message. */
export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  logger.addContext(context);
  config.registerLambdaContext(context);
  const response = await processPartialResponse(event, handleRecord, processor, {
    context,
    skipGroupOnError: true,
    throwOnFullBatchFailure: false,
  });
  const failures = response.batchItemFailures.length;
  if (failures > 0) logger.warn('messages will be received again', { failures });
  metrics.addMetric('EventsHandled', MetricUnit.Count, event.Records.length - failures);
  metrics.publishStoredMetrics();
  return response;
};
