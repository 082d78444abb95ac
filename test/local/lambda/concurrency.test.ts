import { describe, expect, it } from 'vitest';
import { until } from '../../fixtures/until.ts';
import { createGate } from './gate.ts';
import { openLambda } from './lambda-under-test.ts';

/** Counts its calls in each environment, and waits for the gate. */
const counting = (pass = '') => `
  let calls = 0;
  export const handler = async () => { calls++; ${pass} return calls; };`;

/** Counts the invocations that an environment works on, or has. */
function beginnings() {
  let begun = 0;
  return {
    faults: { onInvocation: () => void begun++ },
    reach: (count: number) => until(() => begun >= count),
  };
}

/** Longer than what a busy machine takes for a start. */
const PATIENT = { warmMs: 100_000, firstMs: 100_000 };

describe('the environments of a function', () => {
  it('throttles invocations beyond the reserved concurrency', async () => {
    const { faults, reach } = beginnings();
    await using host = openLambda({ faults });
    const gate = createGate();
    const slow = host.add(counting(gate.pass), { reservedConcurrency: 2 });

    const both = [host.call(slow), host.call(slow)];
    const third = host.call(slow);

    await expect(third).rejects.toMatchObject({
      code: 'TooManyRequestsException',
      statusCode: 429,
      fields: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
    });
    await reach(2);
    gate.open();
    expect(await Promise.all(both)).toEqual([1, 1]);
  });

  it('accepts no invocation with a reserved concurrency of 0', async () => {
    await using host = openLambda();
    const off = host.add(counting(), { reservedConcurrency: 0 });

    await expect(host.call(off)).rejects.toMatchObject({ code: 'TooManyRequestsException' });
  });

  it('queues for ten environments when no concurrency is reserved', async () => {
    const { faults, reach } = beginnings();
    await using host = openLambda({ faults });
    const gate = createGate();
    const slow = host.add(counting(gate.pass));

    const under = Array.from({ length: 12 }, () => host.call(slow));
    await reach(10);
    gate.open();
    const calls = await Promise.all(under);

    expect(calls.filter((call) => call === 1)).toHaveLength(10);
    expect(calls).toHaveLength(12);
  });

  it('counts running invocations', async () => {
    await using host = openLambda();
    const gate = createGate();
    const slow = host.add(counting(gate.pass));

    const underWay = host.call(slow);
    const during = host.lambda.activity();
    gate.open();
    await underWay;
    const after = host.lambda.activity();

    expect(during).toEqual({ invocations: 1, busyMappings: [] });
    expect(after).toEqual({ invocations: 0, busyMappings: [] });
  });

  it('lets running invocations finish at close, and accepts no more', async () => {
    await using host = openLambda();
    const gate = createGate();
    const slow = host.add(counting(gate.pass));
    const underWay = host.call(slow);

    const closing = host.lambda.close(60_000);
    gate.open();
    await closing;
    const late = host.call(slow);

    await expect(late).rejects.toMatchObject({ code: 'ServiceException' });
    expect(await underWay).toBe(1);
  });

  it('ends running invocations when the grace period at close is over', async () => {
    await using host = openLambda({ onLogLine: () => {} });
    const slow = host.add(counting(createGate().pass));
    const underWay = host.call(slow);

    await host.lambda.close(0);
    const result = await underWay;

    expect(result).toMatchObject({ errorType: 'Runtime.ExitError' });
  });
});

describe('an invocation while an environment of the function is at work', () => {
  it('waits for it a moment, and is handled there instead of in a new one', async () => {
    await using host = openLambda({ waits: PATIENT });
    const quick = host.add(counting());
    await host.call(quick);

    const calls = await Promise.all([host.call(quick), host.call(quick), host.call(quick)]);

    expect(calls).toEqual([2, 3, 4]);
  });

  it('also waits while the first one loads its code', async () => {
    await using host = openLambda({ waits: PATIENT });
    const quick = host.add(counting());

    expect(await Promise.all([host.call(quick), host.call(quick)])).toEqual([1, 2]);
  });

  it('gets an environment of its own if that one works longer', async () => {
    await using host = openLambda();
    const gate = createGate();
    const slow = host.add(`
      let calls = 0;
      export const handler = async ({ isSlow }) => { calls++; if (isSlow) { ${gate.pass} } return calls; };`);

    const first = host.call(slow, { isSlow: true });
    const second = await host.call(slow, { isSlow: false });
    gate.open();

    expect([await first, second]).toEqual([1, 1]);
  });

  it('is refused if the host closes while it waits', async () => {
    await using host = openLambda({ waits: PATIENT });
    const gate = createGate();
    const slow = host.add(counting(gate.pass));
    const first = host.call(slow);
    const second = host.call(slow);

    const closing = host.lambda.close(0);

    await expect(second).rejects.toMatchObject({ code: 'ServiceException' });
    await closing;
    expect(await first).toMatchObject({ errorType: 'Runtime.ExitError' });
  });
});

describe('closing the host', () => {
  it('ends all threads', async () => {
    const threads = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
    const before = threads();
    await using host = openLambda();
    const slow = host.add(counting());
    await Promise.all([host.call(slow), host.call(slow)]);

    const during = threads();
    await host.lambda.close();

    expect(during).toBeGreaterThan(before);
    expect(threads()).toBe(before);
  });
});

describe('asynchronous invocations', () => {
  it('retries a failing event after one minute and after two', async () => {
    const seen: string[] = [];
    await using host = openLambda({
      onLogLine: (_functionName, line) => {
        seen.push(line.split('\t')[2] ?? line);
      },
    });
    const failing = host.add('export const handler = async () => { throw new Error("no"); };');

    host.lambda.invokeAsync(failing, '{}');
    await until(() => host.lambda.waitingForTime() === 1);
    host.clock.advance(59_000);
    const early = seen.length;
    host.clock.advance(1000);
    await until(() => seen.length === 2 && host.lambda.waitingForTime() === 1);
    host.clock.advance(120_000);
    await until(() => host.runLog.length > 0);

    expect(early).toBe(1);
    expect(seen).toEqual(['ERROR', 'ERROR', 'ERROR']);
    expect(host.runLog).toEqual(['error function-1: an asynchronous invocation failed for good; its event is dropped']);
  });

  it('retries a throttled event until an environment is free', async () => {
    await using host = openLambda();
    const gate = createGate();
    const slow = host.add(counting(gate.pass), { reservedConcurrency: 1 });

    const first = host.call(slow);
    host.lambda.invokeAsync(slow, '{}');
    await until(() => host.lambda.waitingForTime() === 1);
    gate.open();
    await first;
    host.clock.advance(1000);
    await until(() => host.lambda.activity().invocations === 0);

    expect(await host.call(slow)).toBe(3);
  });
});

describe('creating a function', () => {
  it('refuses with all problems at once', async () => {
    await using host = openLambda();

    const create = () =>
      host.lambda.createFunction({
        functionName: 'a b',
        codeFolder: '/no/such/folder',
        handler: 'index.handler',
        runtime: 'nodejs18.x',
        timeoutSeconds: 901,
        memoryMb: 64,
        environment: { AWS_REGION: 'x' },
        reservedConcurrency: -1,
        roleArn: 'arn:aws:iam::123456789012:role/function',
      });

    expect(create).toThrow(
      expect.objectContaining({
        code: 'InvalidParameterValueException',
        message:
          "function 'a b': its name has 1 to 64 letters, digits, hyphens and underscores, got 'a b'; " +
          "runtime is 'nodejs18.x', the local run has nodejs20.x, nodejs22.x, nodejs24.x only; timeoutSeconds is 901, allowed is 1 to 900; " +
          'memoryMb is 64, allowed is 128 to 10240; reservedConcurrency is -1, allowed is 0 or more; ' +
          'environment sets variables that Lambda sets itself: AWS_REGION; codeFolder /no/such/folder is no folder',
      }),
    );
  });

  it('refuses a name that is taken', async () => {
    await using host = openLambda();
    host.add(counting(), { functionName: 'slow' });

    expect(() => host.add(counting(), { functionName: 'slow' })).toThrow(
      expect.objectContaining({ code: 'ResourceConflictException' }),
    );
  });
});
