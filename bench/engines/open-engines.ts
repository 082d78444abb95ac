import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ACCOUNT_ID, type AllEngines, openAllEngines, REGION } from '../../test/fixtures/all-engines.ts';
import { type ClientProcess, startClient } from '../client/client-process.ts';
import type { Connection } from '../client/connection.ts';

/** Empty engines in this process, and a client in another. */
export interface BenchEngines extends AsyncDisposable {
  readonly engines: AllEngines;
  readonly connection: Connection;
  readonly client: ClientProcess;
  /** With the keys `pk` and `sk`. @returns the ARN of its stream, if it is to have one */
  createTable(tableName: string, withStream?: boolean): Promise<string>;
  /** @returns its URL and ARN */
  createFifoQueue(name: string): Promise<{ readonly url: string; readonly arn: string }>;
}

export async function openBenchEngines(
  onLogLine?: (functionName: string, line: string) => void,
): Promise<BenchEngines> {
  await using opened = new AsyncDisposableStack();
  const engines = opened.use(await openAllEngines(0, onLogLine));
  const client = opened.use(startClient());
  const connection = { endpointUrl: engines.url, region: REGION };
  const options = {
    endpoint: engines.url,
    region: REGION,
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  };
  const dynamoDb = new DynamoDBClient(options);
  const sqs = new SQSClient(options);
  opened.defer(() => {
    dynamoDb.destroy();
    sqs.destroy();
  });
  const open = opened.move();
  return {
    engines,
    connection,
    client,
    async createTable(TableName, withStream = false) {
      const { TableDescription } = await dynamoDb.send(
        new CreateTableCommand({
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [
            { AttributeName: 'pk', AttributeType: 'S' },
            { AttributeName: 'sk', AttributeType: 'N' },
          ],
          KeySchema: [
            { AttributeName: 'pk', KeyType: 'HASH' },
            { AttributeName: 'sk', KeyType: 'RANGE' },
          ],
          ...(withStream ? { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } } : {}),
        }),
      );
      return TableDescription?.LatestStreamArn ?? '';
    },
    async createFifoQueue(name) {
      const { QueueUrl = '' } = await sqs.send(
        new CreateQueueCommand({
          QueueName: `${name}.fifo`,
          Attributes: {
            FifoQueue: 'true',
            ContentBasedDeduplication: 'true',
            DeduplicationScope: 'messageGroup',
            FifoThroughputLimit: 'perMessageGroupId',
          },
        }),
      );
      return { url: QueueUrl, arn: `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:${name}.fifo` };
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
