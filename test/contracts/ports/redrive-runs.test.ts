import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { OPERATOR_TABLE } from '../../../lib/definitions/index.ts';
import { createDynamoDbRedriveRuns } from '../../../lib/operations/index.ts';
import { createInMemoryRedriveRuns } from '../../../lib/testing/in-memory-redrive-runs.ts';
import { startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { describeRedriveRuns, REDRIVE_RUN, redriveItems } from './redrive-runs.ts';

const openDynamoDb = async () => {
  const { client, createTable, close } = await startLocalDynamoDb();
  await createTable('operator', OPERATOR_TABLE);
  return { client, runs: createDynamoDbRedriveRuns({ client, tableName: 'operator' }), close };
};

describeRedriveRuns('in memory', async () => ({ runs: createInMemoryRedriveRuns(), close: async () => undefined }));

describeRedriveRuns('DynamoDB', openDynamoDb);

describe('redrive runs in DynamoDB', () => {
  it('expire: the events after 90 days, the record of the run after 400', async () => {
    const { client, runs, close } = await openDynamoDb();

    await runs.create(REDRIVE_RUN, redriveItems(1), await runs.active('billing'));

    const { Items = [] } = await client.send(new ScanCommand({ TableName: 'operator', ConsistentRead: true }));
    const expiries = Items.map(({ id, expires }) => [id?.S?.split('#')[0], Number(expires?.N ?? 0) - 1_795_154_400]);
    expect(Object.fromEntries(expiries)).toStrictEqual({
      'redrive-run': 90 * 86_400,
      'redrive-runs': 400 * 86_400,
      // says which runs are active, as long as the consumer exists
      consumer: -1_795_154_400,
    });
    await close();
  });
});
