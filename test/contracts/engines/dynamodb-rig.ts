import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  type _Record,
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { onTestFinished } from 'vitest';
import { createMovableClock, type MovableClock } from '../../../local/clock.ts';
import { createDynamoDb, type DynamoDb } from '../../../local/dynamodb/dynamodb.ts';
import { openEndpoint } from '../../../local/endpoint/endpoint.ts';

export interface DynamoDbRig {
  readonly engine: DynamoDb;
  readonly client: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  readonly clock: MovableClock;
  /** Creates an on-demand table and returns the ARN of its stream, if it has one. */
  createTable(table: CreateTableCommandInput): Promise<string>;
}

/** 2026-11-20T06:00:00.000Z; time stands still unless a test moves it. */
const START_MS = 1_795_154_400_000;

/** A DynamoDB engine of the test's own behind an endpoint, and clients that talk to it. */
export async function openDynamoDbRig(): Promise<DynamoDbRig> {
  const clock = createMovableClock(() => START_MS);
  const log = () => {};
  const engine = createDynamoDb({ clock, region: 'eu-central-1', accountId: '111122223333', log });
  const endpoint = await openEndpoint({ log });
  endpoint.add(engine.service, engine.streams);
  const config = {
    endpoint: endpoint.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  const client = new DynamoDBClient(config);
  const streams = new DynamoDBStreamsClient(config);
  onTestFinished(async () => {
    client.destroy();
    streams.destroy();
    await endpoint.close();
    await engine.close();
  });
  return {
    engine,
    client,
    streams,
    clock,
    async createTable(table) {
      const created = await client.send(new CreateTableCommand({ BillingMode: 'PAY_PER_REQUEST', ...table }));
      return created.TableDescription?.LatestStreamArn ?? '';
    },
  };
}

export const ordersTable: CreateTableCommandInput = {
  TableName: 'Orders',
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
};

export const streamedOrdersTable: CreateTableCommandInput = {
  ...ordersTable,
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
};

export async function onlyShard({ streams }: DynamoDbRig, StreamArn: string): Promise<string> {
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  return StreamDescription?.Shards?.[0]?.ShardId ?? '';
}

/** All records that the stream holds. */
export async function readStream(rig: DynamoDbRig, streamArn: string): Promise<_Record[]> {
  const { ShardIterator } = await rig.streams.send(
    new GetShardIteratorCommand({
      StreamArn: streamArn,
      ShardId: await onlyShard(rig, streamArn),
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  const { Records = [] } = await rig.streams.send(new GetRecordsCommand({ ShardIterator }));
  return Records;
}
