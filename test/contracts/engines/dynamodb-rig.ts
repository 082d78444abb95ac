import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  UpdateTableCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import {
  type _Record,
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { expect, onTestFinished } from 'vitest';
import { createMovableClock, type MovableClock } from '../../../local/clock.ts';
import { createDynamoDb, type DynamoDb } from '../../../local/dynamodb/dynamodb.ts';
import type { DynamoDbFaults } from '../../../local/dynamodb/faults.ts';
import { openEndpoint } from '../../../local/endpoint/endpoint.ts';
import { removeLater } from '../../fixtures/leftovers.ts';
import { isForeign, looksInside, movesTime, sharedName } from './endpoint-under-test.ts';

/** A DynamoDB under test: an engine of the test's own, unless the SDK's variables name an endpoint. */
export interface DynamoDbRig {
  readonly client: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  /** Own engine only. */
  readonly engine: DynamoDb;
  /** Own engine only. */
  readonly clock: MovableClock;
  /** Creates an on-demand table and returns the ARN of its stream, if it has one. */
  createTable(table: CreateTableCommandInput): Promise<string>;
}

/** 2026-11-20T06:00:00.000Z; time stands still unless a test moves it. */
const START_MS = 1_795_154_400_000;
const SERVICE = 'DYNAMODB';

/** What a test calls its tables. */
export const nameOf = (name: string): string => sharedName(SERVICE, name);
export const ORDERS = nameOf('Orders');
export const PAYMENTS = nameOf('Payments');

/** When the test runs, as the answers tell it: to the millisecond where time stands still. */
export const START_DATE: unknown = isForeign(SERVICE) ? expect.any(Date) : new Date('2026-11-20T06:00:00Z');
export const START_LABEL: unknown = isForeign(SERVICE)
  ? expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}$/)
  : '2026-11-20T06:00:00.000';

/** DynamoDB and its streams over the wire; what the test made goes with it. */
export const openDynamoDbRig = (): Promise<DynamoDbRig> =>
  isForeign(SERVICE) ? useForeignDynamoDb() : startOwnDynamoDb();

/** For tests that take the engine's promises for granted. */
export async function startOwnDynamoDb(faults?: DynamoDbFaults): Promise<DynamoDbRig> {
  const clock = createMovableClock(() => START_MS);
  const log = () => {};
  const engine = createDynamoDb({ clock, region: 'eu-central-1', accountId: '111122223333', log, faults });
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

async function useForeignDynamoDb(): Promise<DynamoDbRig> {
  const client = new DynamoDBClient({ maxAttempts: 1 });
  // an endpoint that is named for tables alone has their streams, too
  const { AWS_ENDPOINT_URL_DYNAMODB: named, AWS_ENDPOINT_URL_DYNAMODB_STREAMS: namedForStreams } = process.env;
  const shared = named === undefined || namedForStreams !== undefined ? {} : { endpoint: named };
  const streams = new DynamoDBStreamsClient({ maxAttempts: 1, ...shared });
  removeLater(async () => {
    await removeTables(client);
    client.destroy();
    streams.destroy();
  });
  return {
    client,
    streams,
    get engine() {
      return looksInside();
    },
    get clock() {
      return movesTime();
    },
    async createTable(table) {
      const created = await client.send(new CreateTableCommand({ BillingMode: 'PAY_PER_REQUEST', ...table }));
      await waitUntilTableExists({ client, maxWaitTime: MAX_WAIT_SECONDS, minDelay: 1 }, table);
      return created.TableDescription?.LatestStreamArn ?? '';
    },
  };
}

const MAX_WAIT_SECONDS = 60;

async function removeTables(client: DynamoDBClient): Promise<void> {
  const prefix = nameOf('');
  const { TableNames = [] } = await client.send(new ListTablesCommand({ ExclusiveStartTableName: prefix }));
  for (const TableName of TableNames.filter((name) => name.startsWith(prefix))) {
    await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    await client.send(new DeleteTableCommand({ TableName }));
    await waitUntilTableNotExists({ client, maxWaitTime: MAX_WAIT_SECONDS, minDelay: 1 }, { TableName });
  }
}

export const ordersTable: CreateTableCommandInput = {
  TableName: ORDERS,
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
