import type { EntityRef } from 'waybill/links';

/** What the shop links, as each module calls its own. */
export const orderEntity = (id: string): EntityRef => ({ module: 'orders', type: 'order', id });

export const paymentEntity = (id: string): EntityRef => ({ module: 'payments', type: 'payment', id });

export const shipmentEntity = (id: string): EntityRef => ({ module: 'shipping', type: 'shipment', id });
