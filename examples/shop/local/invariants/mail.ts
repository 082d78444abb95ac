import { counted } from '../../../../local/view/counted.ts';
import { SUBJECTS } from '../../functions/notifications/subjects.ts';
import type { LedgerMail } from '../external/ledger.ts';
import { type Invariant, invariant } from './invariant.ts';
import type { ShopFacts } from './shop-facts.ts';

type Mail = Pick<LedgerMail, 'recipient' | 'subject'>;

/**
 * Each customer was welcomed once, and told once how each order ended. The mail service knows no tenants: where several
 * have the same customer, as many mails are due.
 */
export function checkMail({ orders }: Pick<ShopFacts, 'orders'>, sent: readonly Mail[]): Invariant {
  const due = countMails(dueFor(orders));
  const went = countMails(sent);
  const wrong = [...new Set([...due.keys(), ...went.keys()])].flatMap((mail) => {
    const [times, wanted] = [went.get(mail) ?? 0, due.get(mail) ?? 0];
    return times === wanted ? [] : [`${mail} was sent ${counted(times, 'time')}, and ${wanted} was due`];
  });
  return invariant('mail: each customer is told once', [counted(sent.length, 'mail')], wrong);
}

function dueFor(orders: ShopFacts['orders']): Mail[] {
  const ends = orders.flatMap(({ item: { orderId, customerId, status } }) =>
    status === 'shipped' || status === 'cancelled'
      ? [{ recipient: customerId, subject: SUBJECTS[status](orderId) }]
      : [],
  );
  const customers = new Map(
    orders.map(({ tenantId, item: { customerId } }) => [JSON.stringify([tenantId, customerId]), customerId]),
  );
  return [...ends, ...[...customers.values()].map((recipient) => ({ recipient, subject: SUBJECTS.welcome }))];
}

function countMails(mails: readonly Mail[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { recipient, subject } of mails) {
    const mail = `'${subject}' to ${recipient}`;
    counts.set(mail, (counts.get(mail) ?? 0) + 1);
  }
  return counts;
}
