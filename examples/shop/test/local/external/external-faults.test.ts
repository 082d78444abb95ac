import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../../../local/clock.ts';
import { type ExternalFaultPlan, planExternalChaos } from '../../../local/external/external-faults.ts';

/** It stands still: outages last for all their requests. */
const clock = createMovableClock(() => 0);

const request = { system: 'payment-gateway', path: '/v2/charges', idempotencyKey: 'k' } as const;

/** Each for another piece of work. */
const faultsOf = (plan: ExternalFaultPlan, count: number) =>
  Array.from({ length: count }, (_, index) => plan({ ...request, idempotencyKey: `k${index}` }));

describe('the random faults of external systems', () => {
  it('are the same for the same seed', () => {
    const first = faultsOf(planExternalChaos(7, clock), 2_000);
    const second = faultsOf(planExternalChaos(7, clock), 2_000);

    expect(second).toEqual(first);
    expect(faultsOf(planExternalChaos(8, clock), 2_000)).not.toEqual(first);
  });

  it('include every temporary kind of fault', () => {
    const kinds = new Set(faultsOf(planExternalChaos(1, clock), 5_000).map((fault) => fault?.kind));

    expect([...kinds].sort()).toEqual(['error', 'hang', 'malformed', 'reset', 'slow', 'throttle', undefined]);
  });

  it('include outages that end, but are long enough for a breaker to open', () => {
    const states = faultsOf(planExternalChaos(1, clock), 5_000).map((fault) =>
      fault?.kind === 'error' && fault.status === 503 && fault.retryAfterSeconds === undefined ? 'x' : '.',
    );

    const outages = states.join('').match(/x+/g) ?? [];

    expect(outages.length).toBeGreaterThan(2);
    expect(outages.every(({ length }) => length === 12)).toBe(true);
  });

  it('end an outage after eight seconds, however few requests there were', () => {
    const time = createMovableClock(() => 0);
    const plan = planExternalChaos(1, time);
    const isAway = (index: number) => plan({ ...request, idempotencyKey: `k${index}` })?.kind === 'error';
    let index = 0;
    for (let inARow = 0; inARow < 3; index += 1) inARow = isAway(index) ? inARow + 1 : 0;

    time.advance(8_000);
    const after = Array.from({ length: 9 }, (_, more) => isAway(index + more));

    expect(after).toContain(false);
  });

  it('do not affect a piece of work more than twice', () => {
    const plan = planExternalChaos(1, clock, 2);

    const faults = Array.from({ length: 200 }, () => plan(request)).filter((fault) => fault !== undefined);

    expect(faults).toHaveLength(2);
  });

  it('can affect one system while others answer', () => {
    const plan = planExternalChaos(1, clock, 2);
    const charges = faultsOf(plan, 500).map((fault) => fault?.kind === 'error');
    const mails = Array.from({ length: 500 }, (_, index) =>
      plan({ ...request, system: 'mailer', idempotencyKey: `m${index}` }),
    );

    expect(charges.join().includes(Array(12).fill(true).join())).toBe(true);
    expect(mails).toContain(undefined);
  });
});
