import { describe, expect, it } from 'vitest';
import { countByState, describeState, isFinal, sumByState } from '../../../local/orders/order-states.ts';

const states = new Map([
  ['1', { state: 'odd', totalMinorUnits: 1 }],
  ['2', { state: 'cancelledByStock', totalMinorUnits: 20 }],
  ['3', { state: 'shipped', totalMinorUnits: 300 }],
  ['4', { state: 'paid', totalMinorUnits: 4_000 }],
  ['5', { state: 'shipped', totalMinorUnits: 50_000 }],
  ['6', { state: 'cancelledByPayment', totalMinorUnits: 600_000 }],
]);

describe('the states of orders', () => {
  it('are counted in the order of their progress, unknown ones last', () => {
    expect([...countByState(states)]).toEqual([
      ['paid', 1],
      ['shipped', 2],
      ['cancelledByPayment', 1],
      ['cancelledByStock', 1],
      ['odd', 1],
    ]);
  });

  it('are summed in the same order', () => {
    expect([...sumByState(states)]).toEqual([
      ['paid', 4_000],
      ['shipped', 50_300],
      ['cancelledByPayment', 600_000],
      ['cancelledByStock', 20],
      ['odd', 1],
    ]);
  });

  it('are final once shipped or cancelled for a reason', () => {
    const all = ['paid', 'cancelling', 'shipped', 'cancelledByCustomer', 'cancelled', 'cancelledByWhim'];

    expect(all.filter(isFinal)).toEqual(['shipped', 'cancelledByCustomer']);
  });

  it('are printed as words', () => {
    expect(describeState('cancelledByPayment')).toBe('cancelled by payment');
  });
});
