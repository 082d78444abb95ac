import { describe, expect, it } from 'vitest';
import { type ExternalFaultPlan, planExternalChaos } from '../../../local/external/external-faults.ts';

const request = { system: 'payment-gateway', path: '/v2/charges', idempotencyKey: 'k' } as const;

const faultsOf = (plan: ExternalFaultPlan, count: number) => Array.from({ length: count }, () => plan(request));

describe('the chaos of external systems', () => {
  it('is the same for the same seed', () => {
    const first = faultsOf(planExternalChaos(7), 2_000);
    const second = faultsOf(planExternalChaos(7), 2_000);

    expect(second).toEqual(first);
    expect(faultsOf(planExternalChaos(8), 2_000)).not.toEqual(first);
  });

  it('knows every kind of trouble that ends', () => {
    const kinds = new Set(faultsOf(planExternalChaos(1), 5_000).map((fault) => fault?.kind));

    expect([...kinds].sort()).toEqual(['error', 'hang', 'malformed', 'reset', 'slow', 'throttle', undefined]);
  });

  it('has outages, long enough for a breaker to open, that end', () => {
    const states = faultsOf(planExternalChaos(1), 5_000).map((fault) =>
      fault?.kind === 'error' && fault.status === 503 && fault.retryAfterSeconds === undefined ? 'x' : '.',
    );

    const outages = states.join('').match(/x+/g) ?? [];

    expect(outages.length).toBeGreaterThan(2);
    expect(outages.every(({ length }) => length === 12)).toBe(true);
  });

  it('is one system’s at a time', () => {
    const plan = planExternalChaos(1, 2);
    let away = 0;
    while (away < 5) away = plan(request)?.kind === 'error' ? away + 1 : 0;

    const others = Array.from({ length: 50 }, () => plan({ ...request, system: 'mailer' }));

    expect(others).toContain(undefined);
  });
});
