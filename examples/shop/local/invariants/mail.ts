import { counted } from '../../../../local/view/counted.ts';
import { REGISTRATION_SUBJECT } from '../../functions/accounts/mails/handler.ts';
import { SUBJECTS } from '../../functions/notifications/subjects.ts';
import type { LedgerMail } from '../external/ledger.ts';
import { orderKey } from '../orders/order-key.ts';
import { type Invariant, invariant } from './invariant.ts';
import type { ShopFacts } from './shop-facts.ts';

type Mail = Pick<LedgerMail, 'recipient' | 'subject'>;

/**
 * Each customer was welcomed once, with an account or a first order, told once how each order ended, and once that it was
 * delivered. The mail service knows no tenants: where several have the same customer, as many mails are due.
 */
export function checkMail(facts: MailFacts, mails: readonly Mail[]): Invariant {
  // to people who are no customers yet
  const sent = mails.filter(({ subject }) => subject !== REGISTRATION_SUBJECT);
  const due = countMails(dueFor(facts));
  const went = countMails(sent);
  const wrong = [...new Set([...due.keys(), ...went.keys()])].flatMap((mail) => {
    const [times, wanted] = [went.get(mail) ?? 0, due.get(mail) ?? 0];
    return times === wanted ? [] : [`${mail} was sent ${counted(times, 'time')}, and ${wanted} was due`];
  });
  return invariant('mail: each customer is told once', [counted(sent.length, 'mail')], wrong);
}

type MailFacts = Pick<ShopFacts, 'orders' | 'shipments' | 'customers'>;

function dueFor({ orders, shipments, customers: known }: MailFacts): Mail[] {
  const delivered = new Set(
    shipments.flatMap(({ tenantId, item }) =>
      item.status === 'booked' && item.tracking?.status === 'delivered'
        ? [orderKey({ tenantId, orderId: item.orderId })]
        : [],
    ),
  );
  const deliveries = orders.flatMap(({ tenantId, item: { orderId, customerId } }) =>
    delivered.has(orderKey({ tenantId, orderId }))
      ? [{ recipient: customerId, subject: SUBJECTS.delivered(orderId) }]
      : [],
  );
  const ends = orders.flatMap(({ item: { orderId, customerId, status } }) =>
    status === 'shipped' || status === 'cancelled'
      ? [{ recipient: customerId, subject: SUBJECTS[status](orderId) }]
      : [],
  );
  const withOrders = orders.map(({ tenantId, item: { customerId } }) => ({ tenantId, customerId }));
  const registered = known.flatMap(({ tenantId, item }) =>
    item.kind === 'customer' ? [{ tenantId, customerId: item.customerId }] : [],
  );
  const customers = new Map(
    [...withOrders, ...registered].map(({ tenantId, customerId }) => [
      JSON.stringify([tenantId, customerId]),
      customerId,
    ]),
  );
  return [
    ...ends,
    ...deliveries,
    ...[...customers.values()].map((recipient) => ({ recipient, subject: SUBJECTS.welcome })),
  ];
}

function countMails(mails: readonly Mail[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { recipient, subject } of mails) {
    const mail = `'${subject}' to ${recipient}`;
    counts.set(mail, (counts.get(mail) ?? 0) + 1);
  }
  return counts;
}
