import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalRun, startLocalRun } from '../../local/run.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../local/temporary-folder.ts';
import { type OutboxAppOptions, synthesizeOutboxApp } from './template/outbox-app.ts';

const PACE_MS = 40;

describe.each(['weak', 'strong'] as const)('an update of a run while events flow, with %s references', (references) => {
  let folder: TemporaryFolder;
  let run: LocalRun;
  let dynamoDb: DynamoDBClient;
  let orders = 0;

  const synthesize = (name: string, consumers: OutboxAppOptions['consumers']) =>
    synthesizeOutboxApp(folder.path, {
      crossStackReferences: references,
      name,
      ...(consumers === undefined ? {} : { consumers }),
    });

  beforeAll(async () => {
    folder = createTemporaryFolder();
    run = await startLocalRun({ assemblyFolder: synthesize('first', undefined), log: () => {} });
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    dynamoDb = new DynamoDBClient({ endpoint: run.endpointUrl, region: run.region, credentials });
  });

  afterAll(async () => {
    dynamoDb?.destroy();
    await run?.close();
    folder?.[Symbol.dispose]();
  });

  const tableOf = (logicalId: string) =>
    run.deployment.tables.find((table) => table.logicalId.startsWith(logicalId))?.tableName ?? '';

  const placeOrder = async () => {
    const orderId = String(++orders);
    const event = { S: JSON.stringify({ orderId }) };
    const Item = { partitionkey: { S: `order#${orderId}` }, sequence: { N: '1' }, event };
    await dynamoDb.send(new PutItemCommand({ TableName: tableOf('Outbox'), Item }));
    return orderId;
  };

  const idsIn = async (logicalId: string) => {
    const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName: tableOf(logicalId) }));
    return Items.map(({ id }) => Number(id?.S)).toSorted((a, b) => a - b);
  };

  /** Updates while an order is placed before, between and after all steps. */
  const updateInTraffic = async (folderName: string, consumers: OutboxAppOptions['consumers'], seed: number) => {
    const assembly = synthesize(folderName, consumers);
    await placeOrder();
    const placing: Promise<unknown>[] = [];
    const stop = run.onDeploymentChange(() => placing.push(placeOrder()));
    const result = await run.update(assembly, { seed, pace: PACE_MS });
    stop();
    await Promise.all(placing);
    const after = await placeOrder();
    await run.settled(AbortSignal.timeout(240_000));
    return { result, after: Number(after) };
  };

  const all = () => Array.from({ length: orders }, (_, index) => index + 1);

  it('adds a consumer, which handles every event from the moment that its rule exists', async () => {
    const { result, after } = await updateInTraffic(
      'second',
      [{ id: 'Billing' }, { id: 'Stats', tableId: 'Counts' }],
      3,
    );

    expect(result).toMatchObject({ replaced: [], deleted: [], retained: [], undeleted: [] });
    expect(result.created).toContain('Shop/Stats/Resource');
    expect(await idsIn('Bills')).toEqual(all());
    const counted = await idsIn('Counts');
    expect(counted).toEqual(all().slice(-counted.length));
    expect(counted).toContain(after);
  });

  it("changes a consumer's code between two events", async () => {
    const { result } = await updateInTraffic(
      'third',
      [
        { id: 'Billing', writes: 'paidBy' },
        { id: 'Stats', tableId: 'Counts' },
      ],
      4,
    );

    expect(result).toMatchObject({ created: [], updated: ['Shop/Billing/Resource'], deleted: [] });
    expect(await idsIn('Bills')).toEqual(all());
    const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName: tableOf('Bills') }));
    expect(Items.find(({ id }) => id?.S === String(orders))).toHaveProperty('paidBy');
  });

  it('rolls a failed step back, and the run continues as before', async () => {
    const before = run.deployment;
    const assembly = synthesize('failing', [
      { id: 'Billing', writes: 'paidBy' },
      { id: 'Stats', tableId: 'Counts' },
      // its name is taken
      { id: 'Late', tableId: 'Lates', tableName: tableOf('Counts') },
    ]);

    await expect(run.update(assembly, { seed: 5, pace: PACE_MS })).rejects.toMatchObject({
      code: 'LOCAL_DEPLOYMENT_FAILED',
      stackName: 'Shop',
      logicalId: expect.stringMatching(/^Lates/),
      rollback: { state: 'UPDATE_ROLLBACK_COMPLETE', problems: [], undeleted: [] },
    });

    expect(run.deployment).toEqual(before);
    await placeOrder();
    await run.settled(AbortSignal.timeout(240_000));
    expect(await idsIn('Bills')).toEqual(all());
  });

  it('removes a consumer with all its resources, and the others lose nothing', async () => {
    const { result } = await updateInTraffic('fourth', [{ id: 'Billing', writes: 'paidBy' }], 6);

    expect(result.created).toEqual([]);
    expect(result.deleted).toContain('Shop/Stats/Resource');
    expect(result.retained).toEqual(['Shop/Counts/Resource']);
    expect(result.undeleted).toEqual([]);
    expect(await idsIn('Bills')).toEqual(all());
    expect(run.deployment.queues.map(({ logicalId }) => logicalId).filter((id) => id.startsWith('Stats'))).toEqual([]);
  });

  it('can be repeated from the start', async () => {
    const { result, after } = await updateInTraffic(
      'fifth',
      [{ id: 'Billing' }, { id: 'Stats', tableId: 'Others' }],
      7,
    );

    expect(result.created).toContain('Shop/Stats/Resource');
    expect(await idsIn('Others')).toContain(after);
    expect(await idsIn('Bills')).toEqual(all());
  });
});
