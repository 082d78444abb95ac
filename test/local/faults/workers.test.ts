import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/clock.ts';
import type { Caller } from '../../../local/endpoint/service.ts';
import { createFaultInjector, type FaultInjector } from '../../../local/faults/fault-injector.ts';
import type { FaultPlan, FaultRule, KillPoint } from '../../../local/faults/fault-plan.ts';

const messages = (receiveCount = 1) =>
  JSON.stringify({
    Records: [
      {
        messageId: 'm1',
        eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:billing.fifo',
        attributes: { ApproximateReceiveCount: String(receiveCount) },
      },
    ],
  });

function open(rule: FaultRule, more: Partial<FaultPlan> = {}) {
  const clock = createMovableClock(() => 1_000);
  const injector = createFaultInjector({ seed: 3, rules: [rule], ...more }, clock);
  injector.arm({ queues: [] });
  return { clock, injector };
}

/** An invocation, and what its worker goes through. */
function invoke(injector: FaultInjector, number: number, payload = messages()) {
  const happened: string[] = [];
  const traceId = `Root=${number}`;
  const caller: Caller = { kind: 'role', roleArn: 'role', sessionName: 'billing', traceId };
  const fault = injector.lambda.onInvocation({
    functionName: 'billing',
    number,
    requestId: `request ${number}`,
    traceId,
    payload,
    kill: () => happened.push('killed'),
    freeze: () => happened.push('frozen'),
    replace: () => happened.push('replaced'),
  });
  const call = (operation: string) =>
    injector
      .intercept({ service: 'DynamoDB_20120810', operation, input: {}, caller }, async () => {
        happened.push(operation);
        return {};
      })
      .catch(({ code }: { code: string }) => void happened.push(code));
  return { fault, happened, call, end: () => injector.lambda.onInvocationEnd?.(`request ${number}`) };
}

const killAt = (point: KillPoint): FaultRule => ({ kind: 'killed-worker', oneIn: 1, points: [point], latestCall: 1 });

describe('a killed worker', () => {
  it.each([
    ['before-handler', 'crash-before-handler'],
    ['after-handler', 'crash-after-handler'],
  ] as const)('ends %s', (point, fault) => {
    const { injector } = open(killAt(point));

    expect(invoke(injector, 1).fault).toBe(fault);
    expect(injector.injected()).toStrictEqual([
      { kind: 'killed-worker', what: `billing ${point}`, at: 1_000, count: 1 },
    ]);
  });

  it('ends when it calls AWS, and neither that call nor later ones arrive', async () => {
    const { injector } = open(killAt('on-call'));
    const { call, happened, fault } = invoke(injector, 1);

    await call('PutItem');
    await call('GetItem');

    expect(fault).toBeUndefined();
    expect(happened).toStrictEqual(['killed', 'ECONNRESET', 'ECONNRESET']);
    expect(injector.injected()).toMatchObject([{ what: 'billing on-call:1 (dynamodb:PutItem)', count: 1 }]);
  });

  it('ends after AWS has carried out its call', async () => {
    const { injector } = open(killAt('after-call'));
    const { call, happened } = invoke(injector, 1);

    await call('TransactWriteItems');

    expect(happened).toStrictEqual(['TransactWriteItems', 'killed', 'ECONNRESET']);
    expect(injector.injected()).toMatchObject([{ what: 'billing after-call:1 (dynamodb:TransactWriteItems)' }]);
  });

  it('counts only if it makes the call at which it ends', () => {
    const { injector } = open(killAt('on-call'));

    invoke(injector, 1).end();

    expect(injector.injected()).toStrictEqual([]);
  });

  it('is never one with an event that no service would retry, unless the rule says so', () => {
    const { injector } = open(killAt('before-handler'));
    const { injector: careless } = open({
      kind: 'killed-worker',
      oneIn: 1,
      points: ['before-handler'],
      alsoDirect: true,
    });

    expect(invoke(injector, 1, '{"orderId":"1"}').fault).toBeUndefined();
    expect(invoke(careless, 1, '{"orderId":"1"}').fault).toBe('crash-before-handler');
  });

  it('is not one with the same message more often than the plan allows', () => {
    const { injector } = open(killAt('before-handler'), { mostPerMessage: 2 });

    const faults = [1, 2, 3].map((number) => invoke(injector, number).fault);

    expect(faults).toStrictEqual(['crash-before-handler', 'crash-before-handler', undefined]);
  });
});

describe('a frozen worker', () => {
  it('reports no result, and its calls arrive late', async () => {
    const { clock, injector } = open({ kind: 'frozen-worker', oneIn: 1, latestCall: 1, longestMs: 5_000 });
    const { call, happened, end } = invoke(injector, 1);

    const first = call('PutItem');
    const second = call('UpdateItem');
    await new Promise(setImmediate);
    const whileFrozen = [...happened];
    const late = injector.late();
    end();
    await new Promise(setImmediate);
    clock.advance(5_000);
    await Promise.all([first, second]);

    expect(whileFrozen).toStrictEqual(['frozen']);
    expect(late).toBe(2);
    expect(happened.toSorted()).toStrictEqual(['ECONNRESET', 'ECONNRESET', 'PutItem', 'UpdateItem', 'frozen']);
    expect(injector.late()).toBe(0);
    expect(injector.injected()).toMatchObject([
      { kind: 'frozen-worker', what: 'billing on-call:1 (dynamodb:PutItem)', count: 1 },
    ]);
  });
});

describe('a replaced environment', () => {
  it('continues its calls although its invocation counts as failed', async () => {
    const { injector } = open({ kind: 'replaced-environment', oneIn: 1, latestCall: 1 });
    const { call, happened } = invoke(injector, 1);

    await call('PutItem');
    await call('UpdateItem');

    expect(happened).toStrictEqual(['replaced', 'PutItem', 'UpdateItem']);
    expect(injector.injected()).toMatchObject([{ kind: 'replaced-environment', count: 1 }]);
  });
});

describe('a throttled function', () => {
  it('stays throttled for a while, and accepts events that no service would retry', () => {
    const { clock, injector } = open({ kind: 'throttled-function', oneIn: 1, most: 1, longestMs: 1 });
    const ask = (payload = messages()) => injector.lambda.onAdmission?.({ functionName: 'billing', payload });

    const direct = ask('{}');
    const first = ask();
    const second = ask();
    clock.advance(1);

    expect(direct).toBeUndefined();
    expect(first).toBe('function');
    expect(second).toBe('function');
    expect(ask()).toBeUndefined();
  });
});

describe('calls of an invocation that no service retries', () => {
  it('fail twice at most, so that the third attempt of the SDK succeeds', async () => {
    const { injector } = open({ kind: 'throttle', oneIn: 1 });
    const { call, happened } = invoke(injector, 1, '{"orderId":"1"}');

    for (let attempt = 1; attempt <= 3; attempt++) await call('GetItem');

    expect(happened.at(-1)).toBe('GetItem');
    expect(happened).toHaveLength(3);
  });
});
