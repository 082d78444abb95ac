import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { RatePosition } from '../../../lib/resilience/shared-rate.ts';
import { createExternalClient } from '../../../lib/runtime/external-client.ts';
import { createConsumerRateLedger } from '../../../lib/runtime/rate-ledger.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createSilentLogger, createSilentMetrics } from '../../../lib/testing/index.ts';

describe('the ledger of a consumer’s rate', () => {
  const client = mockClient(DynamoDBClient);
  afterEach(() => client.reset());
  afterAll(() => client.restore());

  const ledgerOver = () => {
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
    let position: RatePosition | undefined = { nextAt: 60_000 as EpochMs, revision: 1 };
    const client = createExternalClient(
      { name: 'gateway', baseUrl: 'http://127.0.0.1:9', ratePerSecond: 2 },
      {
        ...runtime(),
        rateLedger: () => ({
          read: async () => position,
          async write(before, nextAt) {
            position = { nextAt, revision: (before?.revision ?? 0) + 1 };
            return true;
          },
        }),
      },
    );

    await expect(client.get({ path: '/x', answers: {} }, new AbortController().signal)).rejects.toMatchObject({
      code: 'EXTERNAL_RATE_REACHED',
      disposition: 'defer',
      retryAfterSeconds: 60,
    });
    expect(position.revision).toBe(1);
  });

  it('needs the runtime of a consumer', () => {
    expect(() =>
      createExternalClient({ name: 'gateway', baseUrl: 'http://127.0.0.1:9', ratePerSecond: 2 }, runtime()),
    ).toThrow('ratePerSecond needs the runtime of createConsumerRuntime, whose containers share it');
  });
});
