import { describe, expect, it } from 'vitest';
import { collectWork, type UnitOfWork } from '../../../lib/outbox/unit-of-work.ts';

const ORIGIN = {
  at: '2026-11-20T06:00:00.000Z',
  by: { source: '/orders', id: 'e-1', type: 'com.example.order.placed' },
};
const origin = () => ORIGIN;

const OLD = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };
const CONDITION = {
  ConditionExpression: '#state = :open',
  ExpressionAttributeNames: { '#state': 'state' },
  ExpressionAttributeValues: { ':open': 'open' },
};
const MARSHALLED = { ...CONDITION, ExpressionAttributeValues: { ':open': { S: 'open' } } };

const collected = async (work: (tx: UnitOfWork) => void) => {
  const unit = collectWork(() => ({}) as never, origin);
  work(unit.tx);
  return (await unit.collected()).writes;
};

describe('a unit of work', () => {
  it('collects writes as DynamoDB takes them, with the old item in case that a condition fails', async () => {
    const refused = () => new Error('no');
    const writes = await collected((tx) => {
      tx.put({ TableName: 'accounts', Item: { accountId: '7', n: 1 }, keyNames: ['accountId'], refused, ...CONDITION });
      tx.update({ TableName: 'accounts', Key: { accountId: '7' }, UpdateExpression: 'SET n = :open', ...CONDITION });
      tx.delete({ TableName: 'accounts', Key: { accountId: '7' }, ...CONDITION });
      tx.conditionCheck({ TableName: 'accounts', Key: { accountId: '7' }, ...CONDITION });
    });

    const of = { TableName: 'accounts', ...MARSHALLED, ...OLD };
    const Key = { accountId: { S: '7' } };
    const none = { refused: undefined, keyNames: undefined };
    expect(writes).toStrictEqual([
      { item: { Put: { ...of, Item: { accountId: { S: '7' }, n: { N: '1' } } } }, refused, keyNames: ['accountId'] },
      { item: { Update: { ...of, UpdateExpression: 'SET n = :open', Key } }, ...none },
      { item: { Delete: { ...of, Key } }, ...none },
      { item: { ConditionCheck: { ...of, Key } }, ...none },
    ]);
  });

  it('leaves out what its caller leaves out', async () => {
    const [write] = await collected((tx) => tx.put({ TableName: 'accounts', Item: { accountId: '7' } }));

    expect(write?.item).toStrictEqual({ Put: { TableName: 'accounts', Item: { accountId: { S: '7' } }, ...OLD } });
  });

  it.each<[string, (tx: UnitOfWork, value: unknown) => void]>([
    ['tx.put: the item', (tx, bad) => tx.put({ TableName: 'accounts', Item: { bad } })],
    ['tx.update: the key', (tx, bad) => tx.update({ TableName: 'accounts', Key: { bad }, UpdateExpression: 'x' })],
    ['tx.delete: the key', (tx, bad) => tx.delete({ TableName: 'accounts', Key: { bad } })],
    [
      'tx.conditionCheck: the key',
      (tx, bad) => tx.conditionCheck({ TableName: 'accounts', Key: { bad }, ConditionExpression: 'x' }),
    ],
    [
      'tx.put: the expression values',
      (tx, bad) => tx.put({ TableName: 'accounts', Item: {}, ExpressionAttributeValues: { ':bad': bad } }),
    ],
    [
      'tx.update: the expression values',
      (tx, bad) =>
        tx.update({
          TableName: 'accounts',
          Key: {},
          UpdateExpression: 'x',
          ExpressionAttributeValues: { ':bad': bad },
        }),
    ],
    [
      'tx.delete: the expression values',
      (tx, bad) => tx.delete({ TableName: 'accounts', Key: {}, ExpressionAttributeValues: { ':bad': bad } }),
    ],
    [
      'tx.conditionCheck: the expression values',
      (tx, bad) =>
        tx.conditionCheck({
          TableName: 'accounts',
          Key: {},
          ConditionExpression: 'x',
          ExpressionAttributeValues: { ':bad': bad },
        }),
    ],
  ])('names what holds a value that DynamoDB cannot: %s', (what, write) => {
    const { tx } = collectWork(() => ({}) as never, origin);

    expect(() => write(tx, Number.NaN)).toThrow(
      expect.objectContaining({
        code: 'ITEM_VALUE_INVALID',
        message: expect.stringContaining(`${what} for table 'accounts'`),
      }),
    );
  });

  it.each<[keyof UnitOfWork, (tx: UnitOfWork) => void]>([
    ['put', (tx) => tx.put({ TableName: 'accounts', Item: {} })],
    ['update', (tx) => tx.update({ TableName: 'accounts', Key: {}, UpdateExpression: 'x' })],
    ['delete', (tx) => tx.delete({ TableName: 'accounts', Key: {} })],
    ['conditionCheck', (tx) => tx.conditionCheck({ TableName: 'accounts', Key: {}, ConditionExpression: 'x' })],
    ['publish', (tx) => tx.publish({} as never, {} as never)],
    ['origin', (tx) => tx.origin()],
  ])('takes no %s once it has ended', (method, write) => {
    const unit = collectWork(() => ({}) as never, origin);
    unit.close();

    expect(() => write(unit.tx)).toThrow(
      expect.objectContaining({
        code: 'UNIT_OF_WORK_CLOSED',
        message: `tx.${method} was called after the unit of work had ended: await everything before the function that received tx returns`,
      }),
    );
  });

  it('hands on what its caller says of an event, and tells of a refused one at the end only', async () => {
    const asked: unknown[] = [];
    const unheard: unknown[] = [];
    const hear = (reason: unknown) => void unheard.push(reason);
    process.on('unhandledRejection', hear);
    const unit = collectWork(
      (async (_: unknown, data: unknown, hops: unknown) => {
        asked.push([data, hops]);
        if (data === 'second') throw new Error('refused');
        return 'a draft';
      }) as never,
      origin,
    );
    unit.tx.publish({} as never, 'first' as never, { sequence: 3, hops: 2 });
    expect(await unit.collected()).toMatchObject({ publications: [{ draft: 'a draft', sequence: 3 }] });

    unit.tx.publish({} as never, 'second' as never);
    await new Promise(setImmediate);
    process.off('unhandledRejection', hear);

    expect(unheard).toStrictEqual([]);
    await expect(unit.collected()).rejects.toThrow('refused');
    expect(asked).toStrictEqual([
      ['first', 2],
      ['second', undefined],
    ]);
  });
});
