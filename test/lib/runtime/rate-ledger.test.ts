import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createExternalClient } from '../../../lib/runtime/external-client.ts';
import { createConsumerRateLedger } from '../../../lib/runtime/rate-ledger.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createSilentLogger, createSilentMetrics } from '../../../lib/testing/index.ts';

describe('the ledger of a consumer’s rate', () => {
  const ledgerOver = () => {
    const client = mockClient(DynamoDBClient);
    onTestFinished(() => client.restore());
    const options = { client: new DynamoDBClient({}), tableName: 'inbox', consumer: 'billing' };
    return { client, ledger: createConsumerRateLedger(options, 'gateway') };
  };

  it('reads the item of the consumer and the system, strongly', async () => {
    const { client, ledger } = ledgerOver();
    client.on(GetItemCommand).resolves({ Item: { nextAt: { N: '5000' }, revision: { N: '7' } } });

    expect(await ledger.read()).toStrictEqual({ nextAt: 5000, revision: 7 });
    expect(client.commandCalls(GetItemCommand)[0]?.args[0].input).toStrictEqual({
      TableName: 'inbox',
      Key: { id: { S: 'billing#rate#gateway' } },
      ConsistentRead: true,
    });
  });

  it('writes on condition of what was read, and says if another container was first', async () => {
    const { client, ledger } = ledgerOver();
    client.on(PutItemCommand).resolvesOnce({});
    client
      .on(PutItemCommand, { ConditionExpression: '#revision = :before' })
      .rejects(new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} }));

    expect(await ledger.write(undefined, 1000 as EpochMs)).toBe(true);
    expect(await ledger.write({ nextAt: 1000 as EpochMs, revision: 1 }, 2000 as EpochMs)).toBe(false);
    expect(client.commandCalls(PutItemCommand)[0]?.args[0].input).toMatchObject({
      ConditionExpression: 'attribute_not_exists(#revision)',
      Item: { id: { S: 'billing#rate#gateway' }, nextAt: { N: '1000' }, revision: { N: '1' } },
    });
  });
});

describe('a client of an external system with a rate', () => {
  const runtime = () => ({
    clock: { now: () => 0 as EpochMs },
    random: () => 0,
    logger: createSilentLogger('billing'),
    metrics: createSilentMetrics('billing'),
  });

  it('does not call the system while its turn is far, and defers the event', async () => {
    const dynamoDb = mockClient(DynamoDBClient);
    onTestFinished(() => dynamoDb.restore());
    dynamoDb.on(GetItemCommand).resolves({ Item: { nextAt: { N: '60000' }, revision: { N: '1' } } });
    const client = createExternalClient(
      { name: 'gateway', baseUrl: 'http://127.0.0.1:9', ratePerSecond: 2 },
      { ...runtime(), rateRecords: { client: new DynamoDBClient({}), tableName: 'inbox', consumer: 'billing' } },
    );

    await expect(client.get({ path: '/x', answers: {} }, new AbortController().signal)).rejects.toMatchObject({
      code: 'EXTERNAL_RATE_REACHED',
      disposition: 'defer',
      retryAfterSeconds: 60,
    });
    expect(dynamoDb.commandCalls(PutItemCommand)).toHaveLength(0);
  });

  it('needs the runtime of a consumer', () => {
    expect(() =>
      createExternalClient({ name: 'gateway', baseUrl: 'http://127.0.0.1:9', ratePerSecond: 2 }, runtime()),
    ).toThrow('ratePerSecond needs the runtime of createConsumerRuntime, whose containers share it');
  });
});
