import { describe, expect, it } from 'vitest';
import { handlersFor } from '../../../lib/consumer/index.ts';
import { defineSubscription } from '../../../lib/definitions/index.ts';
import { createHarness } from '../../../lib/testing/index.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';
import { Credited, createBank } from './bank.ts';

const deposit = (amount: number, accountId = '7') => ({ accountId, amount });

describe('a step of the harness', () => {
  it('returns what the handler wrote and published', async () => {
    const { ledger } = createBank();

    const outcome = await ledger.when(Deposited, deposit(5), { correlationId: 'request-1' });

    expect(outcome.kind).toBe('handled');
    expect(outcome.writes).toStrictEqual([
      { action: 'Put', table: 'accounts', key: { accountId: '7' }, item: { accountId: '7', balance: 5 } },
    ]);
    expect(outcome.eventsOf(Credited)).toMatchObject([
      {
        data: { accountId: '7', balance: 5 },
        partitionkey: 'account#7',
        sequence: '0000000000000002',
        correlationid: 'request-1',
        causationid: outcome.event.id,
      },
    ]);
  });

  it('changes nothing for a duplicate', async () => {
    const { bank, ledger } = createBank();
    await ledger.when(Deposited, deposit(5));

    const outcome = await ledger.again();

    expect(outcome).toMatchObject({ kind: 'duplicate', writes: [], events: [] });
    expect(bank.items('accounts')).toStrictEqual([{ accountId: '7', balance: 5 }]);
  });

  it('shows that a handler without a condition has two effects after the inbox record expired', async () => {
    const { bank, ledger } = createBank();
    await ledger.when(Deposited, deposit(5));

    const outcome = await ledger.again({ forgotten: true });

    expect(outcome.kind).toBe('handled');
    expect(bank.items('accounts')).toStrictEqual([{ accountId: '7', balance: 10 }]);
  });

  it.each(['strict', 'fifo'] as const)(
    'has no effect if it crashes before the commit, and is retried (%s)',
    async (ordering) => {
      const { bank, ledger } = createBank({ ordering });

      const crashed = await ledger.when(Deposited, deposit(5), { crash: 'before-commit' });

      expect(crashed).toMatchObject({ kind: 'crashed', crash: 'before-commit', writes: [], events: [] });
      expect(bank.items('accounts')).toStrictEqual([]);

      const retried = await ledger.again();

      expect(retried.kind).toBe('handled');
      expect(bank.items('accounts')).toStrictEqual([{ accountId: '7', balance: 5 }]);
    },
  );

  it.each(['strict', 'fifo'] as const)('has its effect once if it crashes after the commit (%s)', async (ordering) => {
    const { bank, ledger } = createBank({ ordering });

    const crashed = await ledger.when(Deposited, deposit(5), { crash: 'after-commit' });
    const retried = await ledger.again();

    expect(crashed).toMatchObject({
      kind: 'crashed',
      writes: [{ table: 'accounts' }],
      events: [{ type: Credited.type }],
    });
    expect(retried).toMatchObject({ kind: 'duplicate', writes: [], events: [] });
    expect(bank.items('accounts')).toStrictEqual([{ accountId: '7', balance: 5 }]);
    expect(bank.events(Credited)).toHaveLength(1);
  });

  it('reports why an event failed, and whether permanently', async () => {
    const { ledger } = createBank();

    const outcome = await ledger.when(Deposited, deposit(13));

    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: { code: 'PERMANENT', message: 'thirteen is refused', attempts: 1, isFinal: true },
    });
  });

  it('holds back an event while an earlier event of its group has failed', async () => {
    const { ledger } = createBank();
    await ledger.when(Deposited, deposit(13));

    const behind = await ledger.when(Deposited, deposit(5));
    const elsewhere = await ledger.when(Deposited, deposit(5, '8'));

    expect(behind).toMatchObject({ kind: 'waiting', writes: [] });
    expect(elsewhere.kind).toBe('handled');
  });

  it('retries a failed event when its message is visible again', async () => {
    let isDown = true;
    const { bank, ledger } = createBank({
      onDeposit: () => {
        if (isDown) throw new Error('the gateway is down');
      },
    });
    const startedAt = bank.clock.now();
    const failed = await ledger.when(Deposited, deposit(5));
    isDown = false;

    const retried = await ledger.again();

    expect(failed).toMatchObject({ kind: 'failed', failure: { code: 'Error', isFinal: false } });
    expect(retried.kind).toBe('handled');
    expect(bank.clock.now() - startedAt).toBe(3_000);
  });

  it.each(['strict', 'fifo'] as const)(
    'continues as a redrive after all receives are used up (%s)',
    async (ordering) => {
      let isDown = true;
      const { bank, ledger } = createBank({
        ordering,
        onDeposit: () => {
          if (isDown) throw new Error('the gateway is down');
        },
      });
      const outcomes = [await ledger.when(Deposited, deposit(5))];
      while (outcomes.length < 5) outcomes.push(await ledger.again());
      isDown = false;

      const redriven = await ledger.again();

      expect(outcomes.map(({ failure }) => failure?.isFinal)).toStrictEqual([false, false, false, false, true]);
      expect(redriven.kind).toBe('handled');
      expect(bank.items('accounts')).toStrictEqual([{ accountId: '7', balance: 5 }]);
    },
  );

  it('fails for an invalid expression with the message of DynamoDB', async () => {
    const bank = createHarness({ tables: { accounts: { partitionKey: { name: 'accountId', type: 'S' } } } });
    const careless = bank.serve(
      handlersFor(defineSubscription({ name: 'careless', events: [Deposited] }), {
        'com.example.account.deposited': ({ data: { accountId } }, { tx }) =>
          tx.update({ TableName: 'accounts', Key: { accountId }, UpdateExpression: 'SET status = :open' }),
      }),
    );

    const outcome = await careless.when(Deposited, deposit(5));

    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: {
        code: 'OUTBOX_REQUEST_REFUSED',
        message:
          'DynamoDB rejected the transaction (ValidationException): Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: status; nothing was written: fix the write that caused it, one of write 1 (Update in table \'accounts\' of {"accountId":"7"})',
      },
    });
  });

  it('fails for a write that does not fit its item, and names it', async () => {
    const { accounts, bank } = createBank();
    await bank.given({ items: { accounts: [{ accountId: '7', balance: 1 }] } });

    const refused = accounts.update({
      Key: { accountId: '7' },
      UpdateExpression: 'SET balance = bonus + :one',
      ExpressionAttributeValues: { ':one': 1 },
    });

    await expect(refused).rejects.toMatchObject({ code: 'OUTBOX_WRITE_REFUSED', subject: { tableName: 'accounts' } });
  });

  it('reports a failed condition with its code and the current item', async () => {
    const { bank, accounts, ledger } = createBank({
      onDeposit: () => undefined,
    });
    await bank.given({ items: { accounts: [{ accountId: '7', balance: 1 }] } });

    const refused = accounts.put({
      Item: { accountId: '7', balance: 2 },
      ConditionExpression: 'attribute_not_exists(accountId) OR balance > :most',
      ExpressionAttributeValues: { ':most': 100 },
    });

    await expect(refused).rejects.toMatchObject({
      code: 'OUTBOX_CONDITION_FAILED',
      item: { accountId: '7', balance: 1 },
    });
    expect((await ledger.when(Deposited, deposit(1))).writes).toMatchObject([{ item: { balance: 2 } }]);
  });

  it('refuses an event that the consumer does not handle, and names those that it handles', async () => {
    const { ledger } = createBank();

    // @ts-expect-error the subscription does not have it
    await expect(ledger.when(Audited, { note: 'n' })).rejects.toMatchObject({
      code: 'TESTING_EVENT_NOT_TAKEN',
      message: expect.stringContaining("it takes 'com.example.account.deposited'"),
    });
  });

  it('refuses data that does not match the event’s schema', async () => {
    const { ledger } = createBank();

    await expect(ledger.when(Deposited, deposit(-1))).rejects.toMatchObject({ code: 'EVENT_DATA_INVALID' });
  });

  it('records only its own writes and events if steps run concurrently', async () => {
    const { ledger } = createBank();

    const outcomes = await Promise.all([
      ledger.when(Deposited, deposit(1, '7')),
      ledger.when(Deposited, deposit(2, '8')),
      ledger.when(Deposited, deposit(13, '9')),
    ]);

    expect(outcomes).toMatchObject([
      { kind: 'handled', writes: [{ key: { accountId: '7' } }], events: [{ data: { accountId: '7' } }] },
      { kind: 'handled', writes: [{ key: { accountId: '8' } }], events: [{ data: { accountId: '8' } }] },
      { kind: 'failed', writes: [], events: [] },
    ]);
  });

  it('refuses again() before when()', async () => {
    const { ledger } = createBank();

    await expect(ledger.again()).rejects.toMatchObject({ code: 'TESTING_MISUSED' });
  });
});

describe('tenants of the harness', () => {
  it('have their own items and groups', async () => {
    const { bank, ledger } = createBank({ tenancy: 'required' });

    await ledger.when(Deposited, deposit(1), { tenantId: 'acme' });
    const outcome = await ledger.when(Deposited, deposit(2), { tenantId: 'zenith' });

    expect(outcome.events).toMatchObject([{ tenantid: 'zenith', partitionkey: 'tenant:zenith:account#7' }]);
    expect(bank.items('accounts', { tenantId: 'acme' })).toStrictEqual([{ accountId: '7', balance: 1 }]);
    expect(bank.items('accounts', { tenantId: 'zenith' })).toStrictEqual([{ accountId: '7', balance: 2 }]);
    expect(bank.items('accounts').map(({ accountId }) => accountId)).toStrictEqual(['acme#7', 'zenith#7']);
  });

  it('are required in an event if the consumer requires them', async () => {
    const { ledger } = createBank({ tenancy: 'required' });

    await expect(ledger.when(Deposited, deposit(1))).rejects.toMatchObject({ code: 'TENANT_MISSING' });
  });
});
