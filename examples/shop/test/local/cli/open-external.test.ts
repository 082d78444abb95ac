import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../../../local/clock.ts';
import { until } from '../../../../../test/fixtures/until.ts';
import { openExternal } from '../../../local/cli/open-external.ts';

const charge = async (url: string | undefined, key: number) =>
  fetch(`${url}/v2/charges`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `key-${key}` },
    body: JSON.stringify({ merchantRef: '1001', amt: '12.50', ccy: 'GBP' }),
  })
    .then(({ status }) => status)
    .catch(() => 'no answer');

/** Stands still: what hangs or is slow is not answered before the end. */
const stillClock = () => createMovableClock(() => 0);

const answersOf = async (chaosSeed: number | undefined, requests: number) => {
  const external = await openExternal({ seed: 1, chaosSeed, sync: false }, stillClock());
  const url = external.context['shop:paymentGatewayUrl'];
  let settled = 0;
  const answers = Array.from({ length: requests }, async (_, index) => {
    const answer = await charge(url, index);
    settled += 1;
    return answer;
  });
  const unanswered = () =>
    (external.injected().get('external-hang') ?? 0) + (external.injected().get('external-slow') ?? 0);
  await until(() => settled + unanswered() === requests);
  await external.close();
  return { answers: await Promise.all(answers), injected: external.injected() };
};

describe('openExternal', () => {
  it('answers every request without chaos', async () => {
    const { answers, injected } = await answersOf(undefined, 30);

    expect(new Set(answers)).toEqual(new Set([201]));
    expect([...injected]).toEqual([]);
  });

  it('counts the injected faults by kind', async () => {
    const { answers, injected } = await answersOf(3, 200);

    const failed = answers.filter((answer) => answer !== 201).length;
    const total = [...injected.values()].reduce((sum, count) => sum + count, 0);
    expect(failed).toBeGreaterThan(0);
    // what is half sent has the status of success
    expect(total - (injected.get('external-malformed') ?? 0)).toBe(failed);
    expect([...injected.keys()].every((kind) => kind.startsWith('external-'))).toBe(true);
  });
});
