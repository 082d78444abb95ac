import { describe, expect, it } from 'vitest';
import type { InvocationFacts } from '../../../local/lambda/faults.ts';
import { until } from '../../fixtures/until.ts';
import { openLambda } from './lambda-under-test.ts';

/** Answers what it was sent; the trace is what the SDKs of a function send along with each call. */
const TRACED = "export const handler = async () => process.env['_X_AMZN_TRACE_ID'];";

const ENDLESS =
  "export const handler = () => { console.log('at work'); return new Promise(() => setTimeout(() => {}, 60_000)); };";

describe('the hooks into a worker', () => {
  it('report the trace of each invocation, and its end', async () => {
    const begun: InvocationFacts[] = [];
    const ended: string[] = [];
    await using host = openLambda({
      faults: {
        onInvocation: (facts) => void begun.push(facts),
        onInvocationEnd: (requestId) => ended.push(requestId),
      },
    });
    const traced = host.add(TRACED);

    const trace = await host.call(traced);

    expect(begun).toMatchObject([{ functionName: traced, number: 1, traceId: trace }]);
    expect(ended).toStrictEqual([begun[0]?.requestId]);
  });

  it('kill it in the middle of its handler', async () => {
    let kill = () => {};
    await using host = openLambda({
      faults: {
        onInvocation: (facts) => {
          kill = facts.kill;
          return undefined;
        },
      },
      onLogLine: (_name, line) => {
        if (line === 'at work') kill();
      },
    });
    const endless = host.add(ENDLESS);

    expect(await host.call(endless)).toMatchObject({ errorType: 'Runtime.ExitError' });
  });

  it('freeze it, so that it returns no result and times out', async () => {
    await using host = openLambda({
      faults: { onInvocation: ({ freeze, number }) => void (number === 1 && freeze()) },
    });
    const frozen = host.add(TRACED, { timeoutSeconds: 3 });

    const result = host.call(frozen);
    await until(() => host.lambda.waitingForTime() > 0);
    const { invocations } = host.lambda.activity();
    host.clock.advance(60_000);

    expect(invocations).toBe(1);
    expect(await result).toMatchObject({ errorType: 'Sandbox.Timedout' });
    expect(host.lambda.waitingForTime()).toBe(0);
    expect(await host.call(frozen)).toMatch(/^Root=1-/);
  });
});
