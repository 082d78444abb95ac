import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalRun, startLocalRun } from '../../local/run.ts';
import { createTemporaryFolder } from '../../local/temporary-folder.ts';
import { synthesizeOutboxApp } from './template/outbox-app.ts';

describe('a local run of a synthesized app', () => {
  const folder = createTemporaryFolder();
  let run: LocalRun;
  let client: DynamoDBClient;

  beforeAll(async () => {
    const assemblyFolder = synthesizeOutboxApp(folder.path, { crossStackReferences: 'weak' });
    run = await startLocalRun({ assemblyFolder, log: () => {} });
    client = new DynamoDBClient({
      endpoint: run.endpointUrl,
      region: run.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  }, 60_000);

  afterAll(async () => {
    client?.destroy();
    await run?.close();
    folder[Symbol.dispose]();
  });

  const tableNamed = (logicalId: string) =>
    run.deployment.tables.find((table) => table.logicalId.startsWith(logicalId))?.tableName;

  it('carries an item from a stream through a function, the bus, a queue and another function', async () => {
    const Item = {
      partitionkey: { S: 'order#1042' },
      sequence: { N: '1' },
      event: { S: '{"orderId":"1042"}' },
    };
    await client.send(new PutItemCommand({ TableName: tableNamed('Outbox'), Item }));

    await run.settled(AbortSignal.timeout(20_000));

    const { Items } = await client.send(new ScanCommand({ TableName: tableNamed('Bills') }));
    expect(Items).toEqual([{ id: { S: '1042' }, group: { S: '1042' } }]);
  }, 30_000);
});
