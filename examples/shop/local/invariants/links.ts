import { LINKS_TABLE, type LinkIdentity, parseLinkItem } from '../../../../lib/links/index.ts';
import { counted } from '../../../../local/view/counted.ts';
import { type CreditNote, creditNoteSchema } from '../../functions/credit-notes/credit-note.ts';
import { CREDIT_NOTES_TABLE } from '../../functions/credit-notes/table.ts';
import type { Shop } from '../orders/shop.ts';
import { type Invariant, invariant, ofTenant } from './invariant.ts';
import type { Owned, ReadOwned } from './owned-items.ts';
import type { ShopFacts } from './shop-facts.ts';

/** What is known between the services, and what was written when a link went. */
export interface LinkFacts {
  readonly links: readonly Owned<LinkIdentity>[];
  readonly creditNotes: readonly Owned<CreditNote>[];
}

export async function readLinkFacts(
  read: ReadOwned,
  { linksTableName, creditNotesTableName }: Pick<Shop, 'linksTableName' | 'creditNotesTableName'>,
): Promise<LinkFacts> {
  const [items, creditNotes] = await Promise.all([
    read({ tableName: linksTableName, schema: LINKS_TABLE, parse: parseLinkItem }),
    read({
      tableName: creditNotesTableName,
      schema: CREDIT_NOTES_TABLE,
      parse: (item) => creditNoteSchema.parse(item),
    }),
  ]);
  const links = items.flatMap(({ tenantId, item }) => (item.kind === 'link' ? [{ tenantId, item: item.link }] : []));
  return { links, creditNotes };
}

type Facts = Pick<ShopFacts, 'orders' | 'payments' | 'shipments'>;

/** A shipped order is linked with its payment and its shipment, and these with each other; a cancelled one with nothing. */
export function checkLinks(facts: Facts, { links }: Pick<LinkFacts, 'links'>): Invariant {
  const wrong = differences(
    linksDue(facts),
    links.map(({ tenantId, item }) => `${textOf(item)}${ofTenant(tenantId)}`),
  );
  return invariant('links: shipped orders are linked, cancelled ones are not', [counted(links.length, 'link')], wrong);
}

/** The books of the payments heard of each refunded payment that its order is gone, and of no other. */
export function checkCreditNotes(
  { payments }: Pick<Facts, 'payments'>,
  { creditNotes }: Pick<LinkFacts, 'creditNotes'>,
): Invariant {
  const noteOf = ({ orderId, paymentId, amount }: CreditNote, tenantId: string | undefined) =>
    `a credit note of ${amount.currency} ${amount.minorUnits} for payment ${paymentId} of order ${orderId}${ofTenant(tenantId)}`;
  const due = payments.flatMap(({ tenantId, item }) => (item.status === 'refunded' ? [noteOf(item, tenantId)] : []));
  const found = creditNotes.map(({ tenantId, item }) => noteOf(item, tenantId));
  return invariant(
    'links: each refund has its credit note',
    [counted(creditNotes.length, 'credit note')],
    differences(due, found),
  );
}

function linksDue({ orders, payments, shipments }: Facts): string[] {
  const idOf = (tenantId: string | undefined, orderId: string) => JSON.stringify([tenantId, orderId]);
  const paymentIds = new Map(
    payments.map(({ tenantId, item }) => [idOf(tenantId, item.orderId), 'paymentId' in item ? item.paymentId : '?']),
  );
  const shipmentIds = new Map(
    shipments.map(({ tenantId, item }) => [idOf(tenantId, item.orderId), 'shipmentId' in item ? item.shipmentId : '?']),
  );
  return orders.flatMap(({ tenantId, item: { orderId, status } }) => {
    if (status !== 'shipped') return [];
    const payment = `payment ${paymentIds.get(idOf(tenantId, orderId)) ?? '?'}`;
    const shipment = `shipment ${shipmentIds.get(idOf(tenantId, orderId)) ?? '?'}`;
    return [
      `order ${orderId} to ${payment} (cascade)`,
      `order ${orderId} to ${shipment} (aggregate_root)`,
      `${shipment} to ${payment} (reference)`,
    ].map((link) => `${link}${ofTenant(tenantId)}`);
  });
}

const textOf = ({ source, target, type }: LinkIdentity): string =>
  `${source.type} ${source.id} to ${target.type} ${target.id} (${type})`;

function differences(due: readonly string[], found: readonly string[]): string[] {
  const [isDue, isFound] = [new Set(due), new Set(found)];
  return [
    ...[...isDue].filter((one) => !isFound.has(one)).map((missing) => `${missing} is missing`),
    ...[...isFound].filter((one) => !isDue.has(one)).map((odd) => `${odd} is there, and was not due`),
  ];
}
