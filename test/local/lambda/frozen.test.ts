import { describe, expect, it } from 'vitest';
import type { InvocationFacts } from '../../../local/lambda/faults.ts';
import { until } from '../../fixtures/until.ts';
import { createGate } from './gate.ts';
import { openLambda } from './lambda-under-test.ts';

describe('an environment between two invocations', () => {
  it('is frozen, and its timers continue with the next invocation', async () => {
    await using host = openLambda();
    const ticking = host.add(`
      let ticks = 0;
      export const handler = async () => {
        const before = ticks;
        if (before === 0) setInterval(() => ticks++, 1);
        return before;
      };`);
    const busy = host.add(
      'export const handler = async () => { for (let n = 0; n < 50; n++) await new Promise((r) => setTimeout(r, 1)); };',
    );

    await host.call(ticking);
    await host.call(busy);
    const ticks = await host.call(ticking);

    // a timer that was due may run as the environment thaws, ahead of the handler
    expect(ticks).toBeLessThanOrEqual(1);
  });

  it('can be ended', async () => {
    const host = openLambda();
    await host.call(host.add('export const handler = async () => {};'));

    await expect(host[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });
});

describe('an environment that is replaced in the middle of an invocation', () => {
  it('runs its handler to the end while a new environment starts', async () => {
    const gate = createGate();
    const begun: InvocationFacts[] = [];
    await using host = openLambda({ faults: { onInvocation: (facts) => void begun.push(facts) } });
    const counting = host.add(`
      let calls = 0;
      export const handler = async ({ slow }) => {
        calls++;
        if (slow) { ${gate.pass} console.log('the old one ends'); }
        return calls;
      };`);
    await host.call(counting);

    const first = host.call(counting, { slow: true });
    await until(() => begun.length === 2);
    begun[1]?.replace();
    const failed = await first;
    const next = await host.call(counting);
    gate.open();
    await until(() => host.lines.some((line) => line.endsWith('the old one ends')));

    expect(failed).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect(next).toBe(1);
    expect(await host.call(counting)).toBe(2);
  });
});

describe('throttling', () => {
  it('by the account answers 429 with a reason of its own', async () => {
    await using host = openLambda({ accountConcurrency: 1 });
    const gate = createGate();
    const held = host.add(`export const handler = async () => { ${gate.pass} };`);

    const first = host.call(held);
    const second = host.call(held);

    await expect(second).rejects.toMatchObject({
      code: 'TooManyRequestsException',
      statusCode: 429,
      fields: { Reason: 'ConcurrentInvocationLimitExceeded' },
    });
    gate.open();
    await first;
  });

  it('on demand happens before an environment starts', async () => {
    await using host = openLambda({ faults: { onInvocation: () => undefined, onAdmission: () => 'function' } });
    const never = host.add("console.log('started'); export const handler = async () => {};");

    await expect(host.call(never)).rejects.toMatchObject({ code: 'TooManyRequestsException' });
    expect(host.lines).toStrictEqual([]);
  });
});
