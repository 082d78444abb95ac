import { describe, expect, it } from 'vitest';
import type { EpochMs } from '../../../../../lib/shared/time.ts';
import { createFunctionMetrics } from '../../../../../local/ledger/function-metrics.ts';
import type { Ledger, OpenDelivery } from '../../../../../local/ledger/take-ledger.ts';
import type { WaitingMessage } from '../../../../../local/ledger/waiting-messages.ts';
import type { DeploymentRecord } from '../../../local/redeploy/deployment-record.ts';
import { type RunFacts, summarize } from '../../../local/summary/summarize.ts';
import { summaryText, troubleLines } from '../../../local/summary/summary-text.ts';

const TERMINAL = { isLive: true };

const open = (more: Partial<OpenDelivery>): OpenDelivery => ({
  group: 'order#1',
  sequence: 2,
  eventId: 'e2',
  eventType: 'payment.captured',
  consumer: 'orders',
  place: 'lost',
  queueName: undefined,
  reason: undefined,
  ...more,
});

const stray: WaitingMessage = {
  consumer: 'orders',
  place: 'dead-letter',
  queueName: 'orders-dead.fifo',
  messageId: 'm1',
  eventKey: undefined,
  reason: 'received 5 times',
};

const factsOf = (ledger: Partial<Ledger> = {}, more: Partial<RunFacts> = {}): RunFacts => {
  const metrics = createFunctionMetrics();
  metrics.readLine(
    JSON.stringify({
      _aws: {
        CloudWatchMetrics: [
          {
            Namespace: 'Waybill',
            Metrics: [{ Name: 'DuplicatesSkipped' }, { Name: 'EventsFailed' }, { Name: 'CommitToHandled' }],
          },
        ],
      },
      DuplicatesSkipped: 3,
      EventsFailed: 4,
      CommitToHandled: [10, 20, 30],
      service: 'orders',
    }),
  );
  return {
    fulfilment: 'choreographed',
    tenants: 0,
    ledger: { events: 8, published: 8, handled: 14, steppedOver: 0, open: [], strays: [], ...ledger },
    effects: { repeatedEffects: 0, orderBreaks: 0, troubles: [] },
    setbacks: [],
    metrics,
    orders: {
      sent: ['1', '2'],
      refusals: new Map(),
      refusedCancellations: new Map(),
      states: new Map([
        ['1', { state: 'shipped', totalMinorUnits: 1250 }],
        ['2', { state: 'shipped', totalMinorUnits: 825 }],
      ]),
    },
    repeated: 0,
    cancellations: 0,
    badLines: 0,
    elapsedMs: 1234.5,
    http: undefined,
    deployed: [],
    delivered: 0,
    missingGrants: [],
    failedStarts: [],
    chaosSeed: undefined,
    faultKinds: [],
    injected: [],
    ownFaults: new Map(),
    invariants: [],
    readModels: [],
    syncs: [],
    ...more,
  };
};

const troublesOf = (...deliveries: OpenDelivery[]) => summarize(factsOf({ open: deliveries })).troubles;

describe('summarize', () => {
  it('summarizes a successful run', () => {
    expect(summarize(factsOf())).toEqual({
      summary: {
        fulfilment: 'choreographed',
        tenants: 0,
        orders: 2,
        notPlaced: 0,
        repeated: 0,
        cancellations: 0,
        badLines: 0,
        published: 8,
        handled: 14,
        duplicates: 3,
        failed: 4,
        deadLetters: 0,
        undeliverable: 0,
        delivered: 0,
        quarantined: 0,
        held: 0,
        lost: 0,
        steppedOver: 0,
        repeatedEffects: 0,
        orderBreaks: 0,
        missingGrants: [],
        failedStarts: [],
        states: { shipped: 2 },
        sums: { shipped: 2075 },
        latencyMs: { p50: 20, p99: 30, slowest: { consumer: 'orders', p99: 30 } },
        elapsedMs: 1235,
        http: null,
        chaos: null,
        injected: {},
        deployments: [],
        readModels: [],
        syncs: [],
        invariants: [],
      },
      troubles: [],
    });
  });

  it('has no latency when nothing was handled', () => {
    const { summary } = summarize(factsOf({}, { metrics: createFunctionMetrics() }));

    expect(summary.latencyMs).toEqual({ p50: null, p99: null, slowest: null });
  });

  it('counts places: dead letters by message, quarantined by event, lost by event and consumer', () => {
    const { summary } = summarize(
      factsOf({
        open: [
          open({ place: 'dead-letter' }),
          open({ place: 'undeliverable' }),
          open({ place: 'quarantined', consumer: 'orders' }),
          open({ place: 'quarantined', consumer: 'inventory' }),
          open({ place: 'lost', consumer: 'orders' }),
          open({ place: 'lost', consumer: 'inventory' }),
          open({ place: 'held' }),
        ],
        strays: [stray, { ...stray, place: 'undeliverable' }],
      }),
    );

    expect(summary).toMatchObject({ deadLetters: 2, undeliverable: 2, quarantined: 1, lost: 2, held: 1 });
  });

  it.each([
    [{ place: 'lost' }, 'is lost'],
    [{ place: 'held', reason: 'its group waits for sequence 1' }, 'is held (its group waits for sequence 1)'],
    [{ place: 'pending' }, 'is not published yet'],
    [{ place: 'quarantined', reason: 'TOO_LARGE: big' }, 'is quarantined in the outbox (TOO_LARGE: big)'],
    [{ place: 'queued', queueName: 'q.fifo', reason: 'visible' }, 'waits in q.fifo (visible)'],
    [{ place: 'dead-letter', queueName: 'd.fifo' }, 'is a dead letter in d.fifo'],
    [{ place: 'undeliverable', queueName: 'u' }, 'could not be delivered and is in u'],
    [{ place: 'unreadable', reason: 'no JSON' }, 'is no event that can be read (no JSON)'],
  ] as const)('says of which order an event is %o', (more, where) => {
    expect(troublesOf(open(more))).toEqual([`order 1 is shipped: payment.captured, sequence 2, for orders ${where}`]);
  });

  it('says it in one line per order', () => {
    expect(troublesOf(open({}), open({ sequence: 3 }), open({ group: 'order#2' }))).toEqual([
      'order 1 is shipped: payment.captured, sequence 2, for orders is lost, and 1 more',
      'order 2 is shipped: payment.captured, sequence 2, for orders is lost',
    ]);
  });

  it('lists groups without an order, and messages that block nothing', () => {
    const { troubles } = summarize(
      factsOf({
        open: [open({ group: 'cart#9', consumer: undefined })],
        strays: [stray, { ...stray, messageId: 'm2', eventKey: '["/orders","a"]' }],
      }),
    );

    expect(troubles).toEqual([
      'group cart#9: payment.captured, sequence 2, is lost',
      'message m1 is in orders-dead.fifo (received 5 times): there is no event in it',
      'message m2 is in orders-dead.fifo (received 5 times): nothing waits for its event',
    ]);
  });

  it('lists orders that did not reach their final status, and orders that were never placed', () => {
    const { summary, troubles } = summarize(
      factsOf(
        {},
        {
          orders: {
            sent: ['1', '2', '3', '4'],
            refusals: new Map([['3', 'Error: down']]),
            refusedCancellations: new Map(),
            states: new Map([
              ['1', { state: 'shipped', totalMinorUnits: 1250 }],
              ['2', { state: 'paid', totalMinorUnits: 825 }],
            ]),
          },
        },
      ),
    );

    expect(summary).toMatchObject({ orders: 2, notPlaced: 2, states: { paid: 1, shipped: 1 } });
    expect(troubles).toEqual([
      'order 2 is paid, and nothing of it is under way',
      'order 3 was not placed: Error: down',
      'order 4 was not placed: no reason given',
    ]);
  });

  it('ignores a failed placing if the order exists and was shipped', () => {
    const facts = factsOf();

    const { troubles } = summarize({ ...facts, orders: { ...facts.orders, refusals: new Map([['1', 'timed out']]) } });

    expect(troubles).toEqual([]);
  });
});

describe('the violations of a run', () => {
  it('include repeated effects and order breaks, of the log and of the orders, with their locations', () => {
    const { summary, troubles } = summarize(
      factsOf(
        {},
        {
          effects: { repeatedEffects: 2, orderBreaks: 1, troubles: ['group a: twice', 'group b: too early'] },
          setbacks: ['order 1 went from shipped back to paid'],
        },
      ),
    );

    expect(summary).toMatchObject({ repeatedEffects: 2, orderBreaks: 2 });
    expect(troubles).toEqual(['group a: twice', 'group b: too early', 'order 1 went from shipped back to paid']);
  });

  it('include failed checks, and leave out passed checks', () => {
    const invariants = [
      { name: 'stock: never negative', holds: true, detail: ['8 writes'] },
      { name: 'mail: once', holds: false, detail: ["'Thanks' was sent 2 times", "'Sorry' was sent 3 times"] },
    ];

    const result = summarize(factsOf({}, { invariants }));

    expect(result.summary.invariants).toEqual(invariants);
    expect(result.troubles).toEqual([
      "does not hold: mail: once: 'Thanks' was sent 2 times",
      "does not hold: mail: once: 'Sorry' was sent 3 times",
    ]);
    expect(summaryText(result, TERMINAL)).toEqual(
      expect.arrayContaining(['Invariants:', '  stock: never negative (8 writes)', '  BROKEN  mail: once']),
    );
  });

  it('include orders that could not be cancelled', () => {
    const facts = factsOf();

    const { troubles } = summarize({
      ...facts,
      orders: { ...facts.orders, refusedCancellations: new Map([['tenant-2#1', 'Error: down']]) },
    });

    expect(troubles).toEqual(['order 1 of tenant-2 could not be cancelled: Error: down']);
  });

  it('include the open events of an order of a tenant, found by its group', () => {
    const facts = factsOf({ open: [open({ group: 'tenant:tenant-2:order#1' })] });

    const { troubles } = summarize({
      ...facts,
      orders: { ...facts.orders, sent: [], states: new Map([['tenant-2#1', { state: 'paid', totalMinorUnits: 1 }]]) },
    });

    expect(troubles).toEqual(['order 1 of tenant-2 is paid: payment.captured, sequence 2, for orders is lost']);
  });

  it('list missing grants first', () => {
    const { summary, troubles } = summarize(factsOf({ open: [open({})] }, { missingGrants: ['Payments may not …'] }));

    expect(summary.missingGrants).toEqual(['Payments may not …']);
    expect(troubles).toEqual([
      'access denied: Payments may not …',
      'order 1 is shipped: payment.captured, sequence 2, for orders is lost',
    ]);
  });
});

describe('summaryText of a run with faults', () => {
  it('lists the injected faults by kind, and names the kinds that were not injected', () => {
    const at = 0 as EpochMs;
    const result = summarize(
      factsOf(
        {},
        {
          chaosSeed: 7,
          ownFaults: new Map([['external-hang', 2]]),
          faultKinds: ['throttle', 'killed-worker', 'late-expiry', 'shard-split'],
          injected: [
            { kind: 'throttle', what: 'dynamodb:PutItem: ThrottlingException', at, count: 3 },
            { kind: 'throttle', what: 'dynamodb:GetItem: ThrottlingException', at, count: 2 },
            { kind: 'killed-worker', what: 'payments before-handler', at, count: 1 },
          ],
        },
      ),
    );

    expect(result.summary).toMatchObject({
      chaos: 7,
      injected: { throttle: 5, 'killed-worker': 1, 'late-expiry': 0, 'shard-split': 0, 'external-hang': 2 },
    });
    expect(summaryText(result, TERMINAL)).toEqual(
      expect.arrayContaining([
        'Chaos, seed 7: 8 faults injected',
        '  throttle       5',
        '  killed-worker  1',
        '  not: late-expiry, shard-split',
      ]),
    );
  });
});

describe('the deployments of a run', () => {
  const deployment: DeploymentRecord = {
    revision: 'a loyalty programme',
    changes: [{ kind: 'consumer-added', consumer: 'loyalty', what: 'strict, with a table' }],
    afterMs: 1200,
    tookMs: 3400,
    orders: { before: 6, after: 11 },
    created: ['Shop/Loyalty/Queue', 'Shop/Loyalty/Rule'],
    updated: ['Shop/Orders/Function'],
    replaced: [],
    deleted: [],
    resent: 0,
    failed: null,
  };

  it('are listed with their changes, their times, and the effects on resources and messages', () => {
    const result = summarize(factsOf({ steppedOver: 2 }, { deployed: [deployment, { ...deployment, resent: 5 }] }));

    expect(result.summary).toMatchObject({ steppedOver: 2, deployments: [deployment, { resent: 5 }] });
    expect(result.troubles).toStrictEqual([]);
    expect(summaryText(result, TERMINAL)).toEqual(
      expect.arrayContaining([
        '  effects   0 repeated effects · 0 order breaks · 2 stepped over',
        'Deployments:',
        '  a loyalty programme (1.2 s after the first order, in 3.4 s; orders 6 to 11)',
        '    2 created, 1 updated, 0 replaced, 0 deleted',
        '    2 created, 1 updated, 0 replaced, 0 deleted, 5 events sent again',
        '    consumer-added loyalty (strict, with a table)',
      ]),
    );
  });

  it('count as a failure if one has failed', () => {
    const { troubles } = summarize(factsOf({}, { deployed: [{ ...deployment, failed: 'Loyalty cannot be created' }] }));

    expect(troubles).toStrictEqual(["the deployment of 'a loyalty programme' failed: Loyalty cannot be created"]);
  });
});

describe('summaryText of read models', () => {
  it('shows the read models of three tenants, and counts the others', () => {
    const day = { day: '2026-11-20', orders: 2, captured: 3_000, refunded: 1_000, net: 2_000 };
    const modelOf = (tenantId: string | undefined) => ({
      tenantId,
      unanswered: {},
      orders: [
        {
          orderId: '1',
          customerId: 'c1',
          status: 'cancelled' as const,
          cancellationReason: 'stock' as const,
          total: { currency: 'GBP', minorUnits: 1_000 },
          placedAt: '2026-11-20T09:00:00.000Z',
          asOf: '2026-11-20T09:00:01.000Z',
        },
      ],
      days: [day],
    });

    const one = summarize(factsOf({}, { readModels: [modelOf(undefined)] }));
    const five = summarize(factsOf({}, { readModels: ['a', 'b', 'c', 'd', 'e'].map(modelOf) }));

    expect(one.summary.readModels).toEqual([
      { tenant: null, orderOverview: { cancelledByStock: 1 }, revenueByDay: [day] },
    ]);
    expect(summaryText(one, TERMINAL)).toEqual(
      expect.arrayContaining([
        'Read models:',
        '  order-overview  1 cancelled by stock',
        '  revenue-by-day  2026-11-20: 2 orders, £30.00 − £10.00 = £20.00',
      ]),
    );
    expect(summaryText(five, TERMINAL).filter((line) => line.includes('order-overview'))).toHaveLength(3);
    expect(summaryText(five, TERMINAL)).toContain('  … and those of 2 more tenants');
  });
});

describe('summaryText', () => {
  it('does not report a run as settled if a function cannot start, and names the function', () => {
    const result = summarize(factsOf({}, { failedStarts: ['Shop/Payments cannot start: TypeError: no'] }));

    expect(summaryText(result, TERMINAL)[1]).toMatch(/^Stopped /);
    expect(result.troubles).toEqual(['Shop/Payments cannot start: TypeError: no']);
  });

  it('does not report a run as settled if a missing grant stops it', () => {
    const [, title] = summaryText(summarize(factsOf({}, { missingGrants: ['Payments may not …'] })), TERMINAL);

    expect(title).toBe('Stopped 1.2 s after the first order, 1.6 orders/s');
  });

  it('says what happened, and leaves out what did not', () => {
    expect(summaryText(summarize(factsOf()), TERMINAL)).toEqual([
      '',
      'Settled 1.2 s after the first order, 1.6 orders/s',
      '',
      '  orders    2 placed · 2 shipped',
      '            choreographed',
      '  sums      £20.75 shipped',
      '  events    8 published · 14 handled · 0 lost',
      '  effects   0 repeated effects · 0 order breaks',
      '            3 duplicates skipped · 4 failed tries',
      '  dead      0 dead letters',
      '  latency   p50 20 ms · p99 30 ms · from commit to handled · orders was the slowest: p99 30 ms',
      '',
      'Every order reached its final state, all invariants hold; nothing was lost, repeated or out of order.',
    ]);
  });

  it('lists the orders by status: on a terminal the first 20, then how many more', () => {
    const troubles = Array.from({ length: 22 }, (_, index) => `order ${index + 1} is lost`);

    const lines = troubleLines(troubles, TERMINAL);

    expect(lines).toHaveLength(23);
    expect(lines.slice(0, 3)).toEqual(['', 'Not everything is where it should be:', '  order 1 is lost']);
    expect(lines.slice(-2)).toEqual(['  order 20 is lost', '  … and 2 more']);
    expect(troubleLines(troubles, { isLive: false }).slice(-2)).toEqual(['  order 21 is lost', '  order 22 is lost']);
  });

  it('tell how orders came over HTTP', () => {
    const http = { requests: 61, replayed: 2, people: 1, ordersOfPeople: 5, tokens: 4, refreshes: 1 };

    expect(summaryText(summarize(factsOf({}, { http })), { isLive: false })).toContain(
      '  http      61 requests · 5 orders of 1 person with tokens of their own · 4 tokens issued · 1 of them by a refresh · 2 answers replayed',
    );
  });
});
