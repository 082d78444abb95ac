import { ScanCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createPowertoolsInbox, type InboxClaim, inboxRecordKey } from '../../../lib/consumer/index.ts';
import { INBOX_TABLE } from '../../../lib/definitions/index.ts';
import { systemClock } from '../../../lib/shared/time.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { describeInbox } from './inbox.ts';

let engine: LocalDynamoDb;
let run = 0;

beforeAll(async () => {
  engine = await startLocalDynamoDb();
});

afterEach(() => {
  vi.useRealTimers();
});

afterAll(() => engine.close());

async function createInbox() {
  run += 1;
  const tableName = `inbox-${run}`;
  await engine.createTable(tableName, INBOX_TABLE);
  const { client } = engine;
  const inbox = createPowertoolsInbox({
    client,
    tableName,
    consumer: 'billing',
    expirySeconds: 600,
    clock: systemClock,
  });
  return { inbox, tableName };
}

const commit = async ({ completion }: InboxClaim) => {
  try {
    await engine.client.send(new TransactWriteItemsCommand({ TransactItems: [completion.write] }));
  } catch (error) {
    throw (error as Error).name === 'TransactionCanceledException' ? completion.refused(undefined) : error;
  }
};

describeInbox('Powertools on DynamoDB', async () => {
  const { inbox } = await createInbox();
  // Powertools reads the machine's clock
  vi.useFakeTimers({ toFake: ['Date'] });
  return { inbox, commit, advance: (ms) => vi.setSystemTime(Date.now() + ms), now: Date.now };
});

describe('Powertools inbox', () => {
  it('rejects with an error of its table, and does not report another execution', async () => {
    const { client } = engine;
    const inbox = createPowertoolsInbox({
      client,
      tableName: 'no-such-table',
      consumer: 'billing',
      expirySeconds: 600,
      clock: systemClock,
    });

    const outcome = inbox.once({ source: '/accounts', id: 'event-1' }, commit, lambdaContext());

    await expect(outcome).rejects.toMatchObject({ name: 'IdempotencyPersistenceLayerError' });
  });

  it('gives a claim an expiry even if no time is left, so that another execution can take it over', async () => {
    const { inbox } = await createInbox();
    const event = { source: '/accounts', id: 'event-1' };
    // its process ends before it can say how it went
    await new Promise<void>((resolve, reject) => {
      const dies = () => new Promise<never>(() => resolve());
      inbox.once(event, dies, lambdaContext(0)).catch(reject);
    });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1_000 });

    expect(await inbox.once(event, commit, lambdaContext())).toBe('handled');
  });

  it('keeps the Powertools error as the cause of a busy record', async () => {
    const { inbox } = await createInbox();
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const event = { source: '/accounts', id: 'event-1' };
    const first = inbox.once(
      event,
      async (claim) => {
        started.resolve();
        await finish.promise;
        await commit(claim);
      },
      lambdaContext(),
    );
    await started.promise;

    const second = inbox.once(event, commit, lambdaContext());

    await expect(second).rejects.toMatchObject({ cause: { name: 'IdempotencyAlreadyInProgressError' } });
    finish.resolve();
    await first;
  });

  it('stores its records under reproducible keys, with the requested expiry', async () => {
    const { inbox, tableName } = await createInbox();
    const before = Math.floor(Date.now() / 1000);

    await inbox.once({ source: '/accounts', id: 'event-1' }, commit, lambdaContext());

    const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: tableName, ConsistentRead: true }));
    expect(Items).toHaveLength(1);
    expect(Items[0]).toMatchObject({
      id: { S: inboxRecordKey('billing', { source: '/accounts', id: 'event-1' }) },
      status: { S: 'COMPLETED' },
    });
    expect(Number(Items[0]?.['expiration']?.N) - before).toBeGreaterThanOrEqual(600);
    expect(inboxRecordKey('billing', { source: '/accounts', id: 'event-1' })).toBe(
      'billing#s2VyvE9Un4tV9XNZnEPu2MBitJfYsdGdFgadgcO+ZC4=',
    );
  });
});
