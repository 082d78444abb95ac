import { handlersFor } from 'waybill/consumer';
import { createLinkDeletion, createLinks, type LinkDeletionOptions, type LinkIdentity } from 'waybill/links';
import { orderEntity, paymentEntity, shipmentEntity } from './entities.ts';
import { orderLinks } from './subscription.ts';

const paidBy = (orderId: string, paymentId: string): LinkIdentity => ({
  source: orderEntity(orderId),
  target: paymentEntity(paymentId),
  type: 'cascade',
});

export function createOrderLinksHandlers(deps: LinkDeletionOptions) {
  const links = createLinks(deps);

  return handlersFor(orderLinks, {
    'com.example.payment.captured': ({ data: { orderId, paymentId, amount } }, { tx }) =>
      links.within(tx).create({ ...paidBy(orderId, paymentId), metadata: { amount, refunded: false } }),

    'com.example.payment.refunded': async ({ data: { orderId, paymentId, amount } }, { tx }) => {
      const link = paidBy(orderId, paymentId);
      // what was never captured is refunded, too: with nothing
      if ((await links.get(link)) === undefined) return;
      await links.within(tx).setMetadata(link, { amount, refunded: true });
    },

    'com.example.shipment.created': async ({ data: { orderId, shipmentId } }, { tx }) => {
      const order = orderEntity(orderId);
      const shipment = shipmentEntity(shipmentId);
      await links.within(tx).create({ source: order, target: shipment, type: 'aggregate_root' });
      const payments = await links.findBySource(order, { type: 'cascade' });
      for (const { target } of payments.items) {
        await links.within(tx).create({ source: shipment, target, type: 'reference' });
      }
    },

    'com.example.order.cancelled': ({ data: { orderId } }, { tx }) =>
      links.within(tx).deleteAllFrom(orderEntity(orderId)),

    'waybill.link.deletion-continued': createLinkDeletion(deps),
  });
}
