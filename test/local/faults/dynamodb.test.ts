import { describe, expect, it } from 'vitest';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createMovableClock } from '../../../local/clock.ts';
import type { DynamoDbFaults, PartialView, ReadInfo } from '../../../local/dynamodb/faults.ts';
import { type Caller, USER } from '../../../local/endpoint/service.ts';
import { createFaultInjector } from '../../../local/faults/fault-injector.ts';
import type { FaultPlan, FaultRule } from '../../../local/faults/fault-plan.ts';

const ROLE: Caller = { kind: 'role', roleArn: 'arn:aws:iam::123456789012:role/billing', sessionName: 'billing-fn' };
const STREAM = 'arn:aws:dynamodb:eu-west-1:123456789012:table/bills/stream/2026-11-20T06:00:00.000';
const SCHEDULE = 'arn:aws:scheduler:eu-west-1:123456789012:schedule/timers/order-1';

function open(rules: readonly FaultRule[], more: Partial<FaultPlan> = {}) {
  const injector = createFaultInjector(
    { seed: 3, rules, ...more },
    createMovableClock(() => 1_000),
  );
  injector.arm({ queues: [] });
  return injector;
}

const read: ReadInfo = {
  operation: 'GetItem',
  tableName: 'bills',
  key: { id: { S: 'a' } },
  indexName: undefined,
  caller: ROLE,
};

const transaction = (items: number, caller: Caller = ROLE) => ({
  items: Array.from({ length: items }, (_, n) => ({ tableName: 'bills', key: { id: { N: String(n) } } })),
  caller,
});

describe('reads that lag', () => {
  it('see states up to the longest age, in one of N reads, and count only if the state is old', () => {
    const injector = open([{ kind: 'stale-read', oneIn: 2, longestMs: 1_000 }]);

    const stale = Array.from({ length: 10 }, () => injector.dynamoDb.onRead?.(read)).filter(
      (each) => each !== undefined,
    );
    stale[0]?.onSeen?.();

    expect(stale).toHaveLength(5);
    for (const { ageMs } of stale) expect(ageMs >= 1 && ageMs <= 1_000).toBe(true);
    expect(injector.injected()).toStrictEqual([
      { kind: 'stale-read', what: 'dynamodb:GetItem: an earlier state in bills', at: 1_000, count: 1 },
    ]);
  });

  it('keep old states only while a plan with such reads is armed', () => {
    const injector = createFaultInjector(
      { seed: 3, rules: [{ kind: 'stale-read', oneIn: 1, longestMs: 700 }] },
      createMovableClock(),
    );
    const before = injector.dynamoDb.oldestStateMs?.();
    injector.arm({ queues: [] });
    const armed = injector.dynamoDb.oldestStateMs?.();

    injector.disarm();

    expect([before, armed, injector.dynamoDb.oldestStateMs?.()]).toEqual([0, 700, 0]);
    expect(injector.dynamoDb.onRead?.(read)).toBeUndefined();
    expect(open([{ kind: 'throttle', oneIn: 1 }]).dynamoDb.oldestStateMs?.()).toBe(0);
  });

  it('do not include reads that observe the run', () => {
    const injector = open([{ kind: 'stale-read', oneIn: 1, longestMs: 1_000 }]);

    expect(injector.dynamoDb.onRead?.({ ...read, caller: USER })).toBeUndefined();
  });
});

describe('transactions that are seen in part', () => {
  const PARTIAL: FaultRule = { kind: 'partial-transaction-view', oneIn: 1, longestMs: 400 };

  it('show at least one item in its new state and one in its old state', () => {
    const injector = open([PARTIAL]);
    const views: (PartialView | undefined)[] = [];

    for (const items of [2, 2, 2, 3, 4, 9]) {
      const view = injector.dynamoDb.onTransaction?.(transaction(items));
      views.push(view);
      expect(view?.unseen.length).toBeGreaterThanOrEqual(1);
      expect(view?.unseen.length).toBeLessThan(items);
      expect(new Set(view?.unseen).size).toBe(view?.unseen.length);
    }

    views[0]?.onSeen?.('Query');
    expect(injector.injected()).toMatchObject([
      { kind: 'partial-transaction-view', what: 'dynamodb:Query: a transaction in part', count: 1 },
    ]);
  });

  it('have more than one item', () => {
    expect(open([PARTIAL]).dynamoDb.onTransaction?.(transaction(1))).toBeUndefined();
  });
});

describe('cancelled transactions', () => {
  it('name one of several failed conditions, each in its turn', () => {
    const injector = open([{ kind: 'partial-reasons', oneIn: 1 }]);
    const cancelled = { tableNames: ['bills', 'bills', 'accounts'], failed: 3, caller: ROLE };

    const named = Array.from({ length: 30 }, () => injector.dynamoDb.onCancelled?.(cancelled));

    expect(named.every((each) => each?.length === 1)).toBe(true);
    expect(new Set(named.flat())).toStrictEqual(new Set([0, 1, 2]));
    expect(injector.injected()).toMatchObject([
      { kind: 'partial-reasons', what: 'dynamodb:TransactWriteItems: a failed condition is not named', count: 30 },
    ]);
  });
});

describe('what DynamoDB does by itself', () => {
  it('deletes items late, by up to two days', () => {
    const injector = open([{ kind: 'late-expiry', oneIn: 1, longestMs: 172_800_000 }]);

    const lateMs = injector.dynamoDb.onExpiry?.({ tableName: 'bills', key: {} });

    expect(lateMs).toBeGreaterThan(0);
    expect(lateMs).toBeLessThanOrEqual(172_800_000);
    expect(injector.injected()).toMatchObject([{ kind: 'late-expiry', what: 'an item of bills stays' }]);
  });

  it('closes shards: two children follow while the stream has few shards, otherwise one', () => {
    const injector = open([{ kind: 'shard-split', oneIn: 1 }]);
    const change = (openShards: number) =>
      injector.dynamoDb.onStreamRecord?.({ streamArn: STREAM, shardId: 's', recordsInShard: 1, openShards });

    const few = new Set(Array.from({ length: 30 }, () => change(1)));
    const many = new Set(Array.from({ length: 30 }, () => change(4)));

    expect(few).toEqual(new Set(['split', 'replace']));
    expect(many).toEqual(new Set(['replace']));
  });
});

describe('a checkpoint that is lost', () => {
  it('repeats at most the batches that can be repeated', () => {
    const injector = open([{ kind: 'repeated-records', oneIn: 1 }]);
    const batch = { functionName: 'relay', streamArn: STREAM, shardId: 's', sequenceNumber: '1', repeatable: 3 };

    const repeated = new Set(Array.from({ length: 30 }, () => injector.lambda.onStreamBatch?.(batch)));

    expect(repeated).toEqual(new Set([1, 2, 3]));
    expect(injector.injected()).toMatchObject([{ what: 'relay lost its place in a shard', count: 30 }]);
  });
});

describe('schedules', () => {
  const due = { scheduleArn: SCHEDULE, scheduledAt: 1_000 as EpochMs };

  it('fire within the minute, late, and twice', () => {
    const injector = open([
      { kind: 'inexact-schedule', oneIn: 1, longestMs: 59_999 },
      { kind: 'late-schedule', oneIn: 1, longestMs: 600_000 },
      { kind: 'duplicate-schedule', oneIn: 1, longestMs: 60_000 },
    ]);

    const { delayMs = 0, againAfterMs = 0 } = injector.scheduler.onDue?.(due) ?? {};

    expect(delayMs).toBeGreaterThan(0);
    expect(delayMs).toBeLessThanOrEqual(659_999);
    expect(againAfterMs).toBeGreaterThan(delayMs);
    expect(injector.injected().map(({ kind, what }) => `${kind}: ${what}`)).toEqual([
      'inexact-schedule: a schedule of timers',
      'late-schedule: a schedule of timers',
      'duplicate-schedule: a schedule of timers',
    ]);
  });

  it('fire on time when no rule hits', () => {
    expect(open([{ kind: 'late-schedule', oneIn: 1, most: 0, longestMs: 1 }]).scheduler.onDue?.(due)).toEqual({
      delayMs: 0,
    });
  });
});

describe('faults of DynamoDB', () => {
  it('are decided by the seed', () => {
    const rules: readonly FaultRule[] = [
      { kind: 'stale-read', oneIn: 3, longestMs: 1_000 },
      { kind: 'partial-transaction-view', oneIn: 3, longestMs: 400 },
    ];
    const story = (faults: DynamoDbFaults) =>
      Array.from({ length: 20 }, () => [faults.onRead?.(read)?.ageMs, faults.onTransaction?.(transaction(3))?.unseen]);

    expect(story(open(rules).dynamoDb)).toEqual(story(open(rules).dynamoDb));
    expect(story(open(rules).dynamoDb)).not.toEqual(story(open(rules, { seed: 4 }).dynamoDb));
  });

  it('end with the limit of the plan', () => {
    const injector = open([{ kind: 'late-expiry', oneIn: 1, longestMs: 10 }], { most: 2 });

    const late = Array.from({ length: 4 }, () => injector.dynamoDb.onExpiry?.({ tableName: 'bills', key: {} }));

    expect(late.filter((ms) => ms !== undefined)).toHaveLength(2);
  });
});
