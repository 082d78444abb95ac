import { describe, expect, it } from 'vitest';
import { openExternal } from '../../../local/cli/open-external.ts';
import { createMovableClock } from '../../../local/clock.ts';

const charge = async (url: string | undefined, key: number) =>
  fetch(`${url}/v2/charges`, {
    method: 'POST',
    headers: { 'idempotency-key': `key-${key}` },
    body: JSON.stringify({ merchantRef: '1001', amt: '12.50', ccy: 'GBP' }),
    signal: AbortSignal.timeout(200),
  })
    .then(({ status }) => status)
    .catch(() => 'no answer');

const answersOf = async (chaosSeed: number | undefined, requests: number) => {
  const external = await openExternal({ seed: 1, chaosSeed }, createMovableClock());
  try {
    const url = external.context['shop:paymentGatewayUrl'];
    const answers = await Promise.all(Array.from({ length: requests }, (_, index) => charge(url, index)));
    return { answers, injected: external.injected() };
  } finally {
    await external.close();
  }
};

describe('openExternal', () => {
  it('answers every request without chaos', async () => {
    const { answers, injected } = await answersOf(undefined, 30);

    expect(new Set(answers)).toEqual(new Set([201]));
    expect([...injected]).toEqual([]);
  });

  it('counts by kind what it did wrong on purpose', async () => {
    const { answers, injected } = await answersOf(3, 60);

    const failed = answers.filter((answer) => answer !== 201).length;
    const total = [...injected.values()].reduce((sum, count) => sum + count, 0);
    expect(failed).toBeGreaterThan(0);
    // what is only slow, or half sent, has the status of success
    expect(total).toBeGreaterThanOrEqual(failed);
    expect([...injected.keys()].every((kind) => kind.startsWith('external-'))).toBe(true);
  });
});
