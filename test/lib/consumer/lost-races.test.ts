import { describe, expect, it } from 'vitest';
import { PermanentError } from '../../../lib/consumer/index.ts';
import { WaybillError } from '../../../lib/definitions/index.ts';
import { Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { batchOf, createRig, eventOf, messageOf } from './rig.ts';

const deposit = async (id: string) =>
  messageOf(JSON.stringify(await eventOf(Deposited, { accountId: '7', amount: 1 }, { id })), 'account#7');

class LostRaceError extends WaybillError {
  readonly code = 'STALE';
  override readonly disposition = 'lost-race';
}

const withdraw = (balance: number) => ({
  TableName: 'accounts',
  Item: { accountId: '7', balance: balance - 1 },
  ConditionExpression: 'balance = :balance',
  ExpressionAttributeValues: { ':balance': balance },
});

describe('a handler whose condition fails because of another writer', () => {
  it('is run again at once with fresh reads, and its event does not fail', async () => {
    const seen: unknown[] = [];
    const rig = createRig(async (_, { tx, afterCommit }) => {
      const balance = Number(rig.store.items('accounts')[0]?.['balance']?.N);
      if (seen.length === 0) await change(5);
      tx.put(withdraw(balance));
      seen.push(balance);
      afterCommit(() => void seen.push('committed'));
    });
    const change = (balance: number) =>
      rig.outbox.transact((tx) => tx.put({ TableName: 'accounts', Item: { accountId: '7', balance } }));
    await change(9);

    const response = await rig.handler(batchOf(await deposit('e1')), lambdaContext());

    expect(response).toStrictEqual({ batchItemFailures: [] });
    expect(seen).toStrictEqual([9, 5, 'committed']);
    expect(rig.store.items('accounts')).toMatchObject([{ balance: { N: '4' } }]);
    expect(rig.emitted[0]).toMatchObject({ EventsHandled: 1 });
    expect(rig.emitted[0]).not.toHaveProperty('EventsFailed');
    expect(rig.lines[0]).toMatchObject({
      level: 'INFO',
      message: 'write conflict: running the handler again',
      condition: expect.stringContaining("its condition 'balance = :balance' failed"),
      event_id: 'e1',
    });
  });

  it('is run once if the condition compares values of different types', async () => {
    let runs = 0;
    const rig = createRig((_, { tx }) => {
      runs++;
      tx.put({ ...withdraw(9), ExpressionAttributeValues: { ':balance': '9' } });
    });
    await rig.outbox.transact((tx) => tx.put({ TableName: 'accounts', Item: { accountId: '7', balance: 9 } }));

    const response = await rig.handler(batchOf(await deposit('e1')), lambdaContext());

    expect(response.batchItemFailures).toHaveLength(1);
    expect(runs).toBe(1);
  });

  it('is run again at once if its aggregate has changed since it was loaded', async () => {
    const loaded: number[] = [];
    let version = 1;
    const rig = createRig((_, { tx }) => {
      loaded.push(version);
      tx.publish(Deposited, { accountId: '9', amount: 1 }, { sequence: version + 1 });
      version = 2;
    });
    for (const sequence of [1, 2]) {
      await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId: '9', amount: 1 }, { sequence }));
    }

    const response = await rig.handler(batchOf(await deposit('e1')), lambdaContext());

    expect(response).toStrictEqual({ batchItemFailures: [] });
    expect(loaded).toStrictEqual([1, 2]);
  });

  it.each([
    ['an error of its own that says that a race was lost', () => new LostRaceError('too late'), 5],
    ['an error of its own that says nothing of it', () => new PermanentError('no'), 1],
    ['no error of Waybill', () => Object.assign(new Error('no'), { disposition: 'lost-race' }), 1],
  ])('is run again if the condition has %s', async (_, refused, expected) => {
    let runs = 0;
    const rig = createRig((_event, { tx }) => {
      runs++;
      tx.put({ ...withdraw(9), refused });
    });

    const response = await rig.handler(batchOf(await deposit('e1')), lambdaContext());

    expect(response.batchItemFailures).toHaveLength(1);
    expect(runs).toBe(expected);
  });

  it('fails after five runs if the condition never holds', async () => {
    let runs = 0;
    const rig = createRig((_, { tx }) => {
      runs++;
      tx.put(withdraw(9));
    });

    const response = await rig.handler(batchOf(await deposit('e1')), lambdaContext());

    expect(response.batchItemFailures).toHaveLength(1);
    expect(runs).toBe(5);
    expect(rig.lines.at(-1)).toMatchObject({ level: 'ERROR', error_code: 'OUTBOX_CONDITION_FAILED' });
  });
});
