import {
  PutItemCommand,
  ScanCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  createDynamoDbInboxRecords,
  createPowertoolsInbox,
  type InboxClaim,
  inboxRecordKey,
} from '../../../lib/consumer/index.ts';
import { type Claim, INBOX_TABLE } from '../../../lib/definitions/index.ts';
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

async function createInbox(claim?: Claim) {
  run += 1;
  const tableName = `inbox-${run}`;
  await engine.createTable(tableName, INBOX_TABLE);
  return { inbox: inboxIn(tableName, claim), tableName };
}

const inboxIn = (tableName: string, claim: Claim = 'commit') =>
  createPowertoolsInbox({
    client: engine.client,
    tableName,
    consumer: 'billing',
    expirySeconds: 600,
    clock: systemClock,
    claim,
  });

const commitTelling =
  (isTold: boolean) =>
  async ({ completion }: InboxClaim) => {
    try {
      await engine.client.send(new TransactWriteItemsCommand({ TransactItems: [completion.write] }));
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      throw completion.refused(isTold ? error.CancellationReasons?.[0]?.Item : undefined);
    }
  };

const commit = commitTelling(true);

describeInbox('Powertools on DynamoDB', async () => {
  const { tableName } = await createInbox();
  // Powertools reads the machine's clock
  vi.useFakeTimers({ toFake: ['Date'] });
  return {
    inboxOf: (claim) => inboxIn(tableName, claim),
    commit,
    commitUntold: commitTelling(false),
    advance: (ms) => vi.setSystemTime(Date.now() + ms),
    now: Date.now,
  };
});

const EVENT = { source: '/accounts', id: 'event-1' };

const itemsOf = async (tableName: string) => {
  const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: tableName, ConsistentRead: true }));
  return Items;
};

describe('Powertools inbox that claims with the commit', () => {
  it('writes nothing before the commit', async () => {
    const { inbox, tableName } = await createInbox();
    let during: unknown;
    const effect = async (claim: InboxClaim) => {
      during = await itemsOf(tableName);
      await commit(claim);
    };

    await inbox.once(EVENT, effect, lambdaContext());

    expect(during).toStrictEqual([]);
    expect(await itemsOf(tableName)).toHaveLength(1);
  });

  it.each([
    ['that has expired', { status: 'COMPLETED', expiration: -1, until: undefined }, 'handled'],
    ['that has not expired', { status: 'COMPLETED', expiration: 60, until: undefined }, 'duplicate'],
    ['of a claim that has ended', { status: 'INPROGRESS', expiration: 60, until: -1 }, 'handled'],
  ] as const)('takes a record %s as Powertools does', async (_, { status, expiration, until }, outcome) => {
    const { inbox, tableName } = await createInbox();
    const now = Date.now();
    const Item = {
      id: { S: inboxRecordKey('billing', EVENT) },
      status: { S: status },
      expiration: { N: String(Math.floor(now / 1000) + expiration) },
      ...(until !== undefined && { in_progress_expiration: { N: String(now + until) } }),
    };
    await engine.client.send(new PutItemCommand({ TableName: tableName, Item }));

    expect(await inbox.once(EVENT, commit, lambdaContext())).toBe(outcome);
  });

  it('tells that the record cannot be read, and what the event failed with', async () => {
    const inbox = inboxIn('no-such-table');

    const outcome = inbox.once(EVENT, () => Promise.reject(new TypeError('card refused')), lambdaContext());

    await expect(outcome).rejects.toMatchObject({
      code: 'INBOX_UNREAD',
      disposition: 'retry',
      message:
        "event 'event-1' of '/accounts' failed, and its inbox record cannot be read to tell whether it was handled before: it will be tried again; it failed with TypeError: card refused",
      cause: { name: 'ResourceNotFoundException' },
    });
  });
});

describe('Powertools inbox that claims before the effect', () => {
  it('ends its claim if the effect fails', async () => {
    const { inbox, tableName } = await createInbox('before');
    const { client } = engine;
    const records = createDynamoDbInboxRecords({ client, tableName, consumer: 'billing', expirySeconds: 600 });

    await expect(inbox.once(EVENT, () => Promise.reject(new Error('card refused')), lambdaContext())).rejects.toThrow();

    expect(await itemsOf(tableName)).toMatchObject([{ in_progress_expiration: { N: '0' } }]);
    expect(await records.find(EVENT)).toBeUndefined();
  });
});

describe('Powertools inbox', () => {
  it('rejects with an error of its table, and does not report another execution', async () => {
    const outcome = inboxIn('no-such-table', 'before').once(EVENT, commit, lambdaContext());

    await expect(outcome).rejects.toMatchObject({ name: 'IdempotencyPersistenceLayerError' });
  });

  it('gives a claim an expiry even if no time is left, so that another execution can take it over', async () => {
    const { inbox } = await createInbox('before');
    // its process ends before it can say how it went
    await new Promise<void>((resolve, reject) => {
      const dies = () => new Promise<never>(() => resolve());
      inbox.once(EVENT, dies, lambdaContext(0)).catch(reject);
    });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1_000 });

    expect(await inbox.once(EVENT, commit, lambdaContext())).toBe('handled');
  });

  it('keeps the Powertools error as the cause of a busy record', async () => {
    const { inbox } = await createInbox('before');
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const first = inbox.once(
      EVENT,
      async (claim) => {
        started.resolve();
        await finish.promise;
        await commit(claim);
      },
      lambdaContext(),
    );
    await started.promise;

    const second = inbox.once(EVENT, commit, lambdaContext());

    await expect(second).rejects.toMatchObject({ cause: { name: 'IdempotencyAlreadyInProgressError' } });
    finish.resolve();
    await first;
  });

  it.each(['commit', 'before'] as const)(
    "stores its records under reproducible keys, with the requested expiry, at claim '%s'",
    async (claim) => {
      const { inbox, tableName } = await createInbox(claim);
      const before = Math.floor(Date.now() / 1000);

      await inbox.once(EVENT, commit, lambdaContext());

      const Items = await itemsOf(tableName);
      expect(Items).toHaveLength(1);
      expect(Items[0]).toMatchObject({
        id: { S: inboxRecordKey('billing', EVENT) },
        status: { S: 'COMPLETED' },
      });
      expect(Number(Items[0]?.['expiration']?.N) - before).toBeGreaterThanOrEqual(600);
      expect(inboxRecordKey('billing', EVENT)).toBe('billing#s2VyvE9Un4tV9XNZnEPu2MBitJfYsdGdFgadgcO+ZC4=');
    },
  );
});
