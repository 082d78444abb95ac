import { describe, expect, it } from 'vitest';
import { checkMail } from '../../../local/invariants/mail.ts';
import { factsOf, factsOfTwo, order } from './facts.ts';

const mail = (recipient: string, subject: string) => ({ recipient, subject });

const facts = factsOf({
  orders: [
    order('1'),
    order('2', { status: 'cancelled', cancellationReason: 'stock' }),
    order('3', { customerId: 'c2' }),
  ],
});

const allMail = [
  mail('c1', 'Welcome'),
  mail('c2', 'Welcome'),
  mail('c1', 'Order 1 is shipped'),
  mail('c1', 'Order 2 is cancelled'),
  mail('c2', 'Order 3 is shipped'),
];

describe('mail', () => {
  it('welcomes each customer once, and reports the end of each order once', () => {
    expect(checkMail(facts, allMail)).toEqual({
      name: 'mail: each customer is told once',
      holds: true,
      detail: ['5 mails'],
    });
  });

  it('tells of each delivery once', () => {
    const [shipped] = [order('1')];
    const delivered = factsOf({
      orders: [shipped],
      shipments: [
        {
          orderId: '1',
          status: 'booked',
          shipmentId: 's1',
          trackingNumber: 't1',
          lines: [],
          tracking: { status: 'delivered', at: '2026-11-21T08:00:00.000Z' },
        },
      ],
    });
    const sent = [mail('c1', 'Welcome'), mail('c1', 'Order 1 is shipped')];

    expect(checkMail(delivered, [...sent, mail('c1', 'Order 1 is delivered')])).toMatchObject({ holds: true });
    expect(checkMail(delivered, sent)).toMatchObject({
      detail: ["'Order 1 is delivered' to c1 was sent 0 times, and 1 was due"],
    });
  });

  it('is due to a customer who has an account and no order; who is no customer yet does not count', () => {
    const customers = [{ kind: 'customer', customerId: 'c3', placed: 0, shipped: 0, cancelled: 0 } as const];
    const sent = [mail('c3', 'Welcome'), mail('ann@example.com', 'Your account at the shop')];

    expect(checkMail(factsOf({ customers }), sent)).toMatchObject({ holds: true, detail: ['1 mail'] });
    expect(checkMail(factsOf({ customers }), [])).toMatchObject({ holds: false });
  });

  it('is wrong if one is sent twice, under any keys, or never, or to another customer', () => {
    const sent = [...allMail.slice(0, 4), mail('c1', 'Order 1 is shipped'), mail('c1', 'Order 3 is shipped')];

    expect(checkMail(facts, sent)).toMatchObject({
      holds: false,
      detail: [
        "'Order 1 is shipped' to c1 was sent 2 times, and 1 was due",
        "'Order 3 is shipped' to c2 was sent 0 times, and 1 was due",
        "'Order 3 is shipped' to c1 was sent 1 time, and 0 was due",
      ],
    });
  });

  it('is due to a customer with the same id in each tenant', () => {
    const two = factsOfTwo({ orders: [order('1')] }, { orders: [order('1')] });
    const once = [mail('c1', 'Welcome'), mail('c1', 'Order 1 is shipped')];

    expect(checkMail(two, [...once, ...once])).toMatchObject({ holds: true, detail: ['4 mails'] });
    expect(checkMail(two, once)).toMatchObject({
      holds: false,
      detail: [
        "'Order 1 is shipped' to c1 was sent 1 time, and 2 was due",
        "'Welcome' to c1 was sent 1 time, and 2 was due",
      ],
    });
  });
});
