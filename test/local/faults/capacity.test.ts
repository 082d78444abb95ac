import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/clock.ts';
import { AwsError } from '../../../local/endpoint/aws-error.ts';
import type { Caller, JsonObject } from '../../../local/endpoint/service.ts';
import { createFaultInjector } from '../../../local/faults/fault-injector.ts';
import type { FaultPlan, FaultRule } from '../../../local/faults/fault-plan.ts';
import { touchedPartitions } from '../../../local/faults/touched-partitions.ts';

const ROLE: Caller = { kind: 'role', roleArn: 'arn:aws:iam::123456789012:role/billing', sessionName: 'billing-fn' };
const keyOf = (_tableName: string, indexName?: string) => (indexName === undefined ? 'id' : 'state');

function open(rules: readonly FaultRule[], more: Partial<FaultPlan> = {}) {
  const clock = createMovableClock(() => 1_000);
  const injector = createFaultInjector({ seed: 3, rules, ...more }, clock, keyOf);
  injector.arm({ queues: [] });
  /** What came back, and what the engine got. */
  const send = async (operation: string, input: JsonObject, output: object = {}) => {
    const inputs: JsonObject[] = [];
    const call = { service: 'DynamoDB_20120810', operation, input, caller: ROLE };
    const result = await injector
      .intercept(call, async (given = input) => {
        inputs.push(given);
        return output;
      })
      .then(
        (value) => ({ value }),
        (error: unknown) => {
          if (!(error instanceof AwsError)) throw error;
          return { error: error.code, fields: error.fields };
        },
      );
    return { ...result, inputs };
  };
  return { clock, injector, send };
}

const key = (id: string) => ({ id: { S: id } });
const get = (id: string) => ['GetItem', { TableName: 'bills', Key: key(id) }] as const;
const CAPACITY_ERRORS = ['ProvisionedThroughputExceededException', 'ThrottlingException'];

describe('a partition that is hot', () => {
  const HOT: FaultRule = { kind: 'hot-partition', oneIn: 4, longestMs: 500 };

  it('refuses every call for its key for a while, and no call for another', async () => {
    const { clock, send } = open([{ ...HOT, oneIn: 1, most: 3 }]);
    const first = await send(...get('a'));
    const other = open([HOT]);

    const again = await send('UpdateItem', { TableName: 'bills', Key: key('a') });
    clock.advance(500);
    const refused = [];
    for (let call = 0; call < 4; call++) refused.push((await other.send(...get('x'))).inputs.length === 0);

    expect(CAPACITY_ERRORS).toContain('error' in first ? first.error : undefined);
    expect(again).toMatchObject({
      error: expect.stringMatching(/Exception$/),
      fields: { ThrottlingReasons: [{ reason: 'TableWriteKeyRangeThroughputExceeded', resource: 'bills' }] },
      inputs: [],
    });
    expect(refused.filter(Boolean).length).toBeGreaterThanOrEqual(1);
  });

  it('is counted per call, and ends after its duration', async () => {
    const { clock, injector, send } = open([
      { ...HOT, oneIn: 1_000 },
      { ...HOT, oneIn: 1, most: 2 },
    ]);

    await send(...get('a'));
    await send(...get('a'));
    const third = await send(...get('a'));
    clock.advance(500);

    expect(third.inputs).toHaveLength(1);
    expect(injector.injected()).toMatchObject([
      { kind: 'hot-partition', what: 'dynamodb:GetItem: KeyRangeThroughputExceeded', count: 2 },
    ]);
  });

  it('cancels a transaction with reasons only for the actions on it', async () => {
    const { send } = open([{ ...HOT, oneIn: 1 }]);
    const put = (id: string) => ({ Put: { TableName: 'bills', Item: key(id) } });
    await send(...get('a'));

    const { fields } = { fields: {}, ...(await send('TransactWriteItems', { TransactItems: [put('b'), put('a')] })) };

    expect(fields).toMatchObject({ CancellationReasons: [{ Code: 'None' }, { Code: 'ThrottlingError' }] });
  });

  it('leaves entries of a batch unprocessed, and refuses a batch that has only such entries', async () => {
    const { send } = open([{ ...HOT, oneIn: 1 }]);
    await send(...get('a'));

    const mixed = await send('BatchGetItem', {
      RequestItems: { bills: { Keys: [key('a'), key('b')], ConsistentRead: true } },
    });
    const all = await send('BatchGetItem', { RequestItems: { bills: { Keys: [key('a')] } } });

    expect(mixed).toMatchObject({
      inputs: [{ RequestItems: { bills: { Keys: [key('b')], ConsistentRead: true } } }],
      value: { UnprocessedKeys: { bills: { Keys: [key('a')], ConsistentRead: true } } },
    });
    expect(CAPACITY_ERRORS).toContain('error' in all ? all.error : undefined);
  });
});

describe('a table whose traffic has doubled', () => {
  const BUSY: FaultRule = { kind: 'table-throttle', oneIn: 1, longestMs: 60_000 };

  it('refuses a share of its calls for a while, and none before', async () => {
    const { clock, injector, send } = open([BUSY]);
    const refusedOf = async (count: number) => {
      let refused = 0;
      for (let call = 0; call < count; call++) if ('error' in (await send(...get(String(call))))) refused++;
      return refused;
    };

    const steady = await refusedOf(4);
    const doubled = await refusedOf(100);
    clock.advance(60_000);

    expect(steady).toBe(0);
    expect(doubled).toBeGreaterThan(10);
    expect(doubled).toBeLessThan(60);
    expect(injector.injected()).toMatchObject([
      { kind: 'table-throttle', what: 'dynamodb:GetItem: AccountLimitExceeded', count: doubled },
    ]);
  });

  it('accepts twice the traffic of the busiest second in half an hour', async () => {
    const { clock, send } = open([{ ...BUSY, longestMs: 1 }]);
    const refusedOf = async (count: number) => {
      let refused = 0;
      for (let call = 0; call < count; call++) if ('error' in (await send(...get(String(call))))) refused++;
      clock.advance(1_000);
      return refused;
    };
    await refusedOf(10);
    await refusedOf(20);
    await refusedOf(40);
    clock.advance(29 * 60_000);

    const known = await refusedOf(80);
    clock.advance(31 * 60_000);
    const forgotten = await refusedOf(80);

    expect(known).toBe(0);
    expect(forgotten).toBeGreaterThan(0);
  });
});

describe('a transaction conflict', () => {
  const CONFLICT: FaultRule = { kind: 'transaction-conflict', oneIn: 1 };
  const TransactItems = [
    { Put: { TableName: 'bills', Item: key('a') } },
    { Put: { TableName: 'bills', Item: key('b') } },
  ];

  it.each(['PutItem', 'UpdateItem', 'DeleteItem'])('refuses %s with an exception of its own', async (operation) => {
    const { injector, send } = open([CONFLICT]);

    expect(await send(operation, { TableName: 'bills' })).toMatchObject({
      error: 'TransactionConflictException',
      inputs: [],
    });
    expect(injector.injected()).toMatchObject([{ what: `dynamodb:${operation}: TransactionConflictException` }]);
  });

  it.each(['GetItem', 'Query', 'Scan', 'BatchGetItem', 'BatchWriteItem'])('does not affect %s', async (operation) => {
    const { send } = open([CONFLICT]);

    expect(await send(operation, { TableName: 'bills' })).toMatchObject({ value: {} });
  });

  it.each(['TransactWriteItems', 'TransactGetItems'])('cancels %s for one of its items', async (operation) => {
    const { send } = open([CONFLICT]);

    const { fields } = { fields: {}, ...(await send(operation, { TransactItems })) };

    const codes = (fields as { CancellationReasons: readonly { Code: string }[] }).CancellationReasons.map(
      ({ Code }) => Code,
    );
    expect(codes.toSorted()).toEqual(['None', 'TransactionConflict']);
  });

  it('reports that a transaction with a token is in progress, whether or not it is committed', async () => {
    const { send } = open([CONFLICT]);
    const reached: number[] = [];
    const others: unknown[] = [];

    for (let call = 0; call < 60; call++) {
      const result = await send('TransactWriteItems', { TransactItems, ClientRequestToken: 'token' });
      if ('error' in result && result.error === 'TransactionInProgressException') reached.push(result.inputs.length);
      else others.push(result.inputs.length);
    }

    expect(new Set(reached)).toEqual(new Set([0, 1]));
    expect(new Set(others)).toEqual(new Set([0]));
  });
});

describe('entries that DynamoDB leaves unprocessed', () => {
  const LEFT: FaultRule = { kind: 'unprocessed-keys', oneIn: 1 };

  it('are keys of BatchGetItem, with the other parameters of their table', async () => {
    const { send } = open([LEFT]);
    const Keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(key);

    const input = { RequestItems: { bills: { Keys, ProjectionExpression: 'id' } } };
    const results = [];
    for (let call = 0; call < 10; call++)
      results.push(await send('BatchGetItem', input, { Responses: {}, UnprocessedKeys: {} }));

    const partial = results.find((result) => 'value' in result && result.inputs.length === 1);
    const asked = partial?.inputs[0]?.['RequestItems'];
    const left =
      partial !== undefined && 'value' in partial ? Reflect.get(partial.value, 'UnprocessedKeys') : undefined;
    expect(asked).toMatchObject({ bills: { ProjectionExpression: 'id' } });
    expect(left).toMatchObject({ bills: { ProjectionExpression: 'id' } });
    const keysIn = (value: unknown): unknown[] => (value as { bills: { Keys: unknown[] } }).bills.Keys;
    expect([...keysIn(asked), ...keysIn(left)]).toHaveLength(8);
  });

  it('are never all entries of a batch: such a batch is refused', async () => {
    const { send } = open([LEFT]);

    const result = await send('BatchGetItem', { RequestItems: { bills: { Keys: [key('a')] } } });

    expect(result).toMatchObject({ error: 'ProvisionedThroughputExceededException', inputs: [] });
  });
});

describe('the partitions that a call touches', () => {
  it.each<[string, JsonObject, readonly string[]]>([
    ['dynamodb:PutItem', { TableName: 't', Item: key('a') }, ['t - {"S":"a"}']],
    ['dynamodb:DeleteItem', { TableName: 't', Key: key('a') }, ['t - {"S":"a"}']],
    [
      'dynamodb:Query',
      {
        TableName: 't',
        KeyConditionExpression: '#k = :k AND n > :n',
        ExpressionAttributeNames: { '#k': 'id' },
        ExpressionAttributeValues: { ':k': { S: 'a' }, ':n': { N: '1' } },
      },
      ['t - {"S":"a"}'],
    ],
    [
      'dynamodb:Query',
      {
        TableName: 't',
        IndexName: 'by-state',
        KeyConditionExpression: 'state=:s',
        ExpressionAttributeValues: { ':s': { S: 'open' } },
      },
      ['t by-state {"S":"open"}'],
    ],
    [
      'dynamodb:BatchWriteItem',
      { RequestItems: { t: [{ PutRequest: { Item: key('a') } }, { DeleteRequest: { Key: key('b') } }] } },
      ['t - {"S":"a"}', 't - {"S":"b"}'],
    ],
    [
      'dynamodb:TransactWriteItems',
      {
        TransactItems: [
          { Put: { TableName: 't', Item: key('a') } },
          { ConditionCheck: { TableName: 'u', Key: key('b') } },
        ],
      },
      ['t - {"S":"a"}', 'u - {"S":"b"}'],
    ],
    ['dynamodb:Scan', { TableName: 't' }, []],
    ['sqs:SendMessage', {}, []],
  ])('are known for %s', (operation, input, expected) => {
    const touched = touchedPartitions(operation, input, keyOf);

    expect(touched.map(({ tableName, indexName = '-', value }) => `${tableName} ${indexName} ${value}`)).toEqual(
      expected,
    );
  });
});
