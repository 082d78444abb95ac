import { describe, expect, it } from 'vitest';
import { maskedData } from '../../../lib/event/index.ts';

const DATA = {
  orderId: '7',
  customer: { email: 'ann@example.com', 'home/address': { city: 'Bern' }, 'a~b': 'x' },
  notes: ['first', 'second'],
  people: [{ name: 'Ann', role: 'buyer' }, { name: 'Bob' }],
};

const masked = (sensitivemembers?: string) =>
  maskedData({ data: DATA, ...(sensitivemembers === undefined ? {} : { sensitivemembers }) });

describe('maskedData', () => {
  it('replaces the members that the event names, with everything below them', () => {
    expect(masked('/customer/email /customer/home~1address /customer/a~0b')).toStrictEqual({
      ...DATA,
      customer: { email: '(masked)', 'home/address': '(masked)', 'a~b': '(masked)' },
    });
  });

  it('replaces each element, or a member of each', () => {
    expect(masked('/notes/* /people/*/name')).toMatchObject({
      notes: ['(masked)', '(masked)'],
      people: [{ name: '(masked)', role: 'buyer' }, { name: '(masked)' }],
    });
    expect(masked('/notes/1')).toMatchObject({ notes: ['first', '(masked)'] });
  });

  it('leaves the event itself, and data without these members, as they are', () => {
    masked('/orderId');

    expect(DATA.orderId).toBe('7');
    expect(masked()).toStrictEqual(DATA);
    expect(masked('/nothing /orderId/deeper')).toStrictEqual(DATA);
    expect(maskedData({ data: 'text', sensitivemembers: '/a' })).toBe('text');
  });
});
