/** Which order: several tenants may each have an order 1001. */
export interface OrderRef {
  /** Undefined in a deployment without tenants. */
  readonly tenantId: string | undefined;
  readonly orderId: string;
}

const SEPARATOR = '#';

/** Tells an order from every other order of the run; the key under which the orders table stores it. */
export const orderKey = ({ tenantId, orderId }: OrderRef): string =>
  tenantId === undefined ? orderId : `${tenantId}${SEPARATOR}${orderId}`;

export function readOrderKey(key: string): OrderRef {
  const place = key.indexOf(SEPARATOR);
  if (place === -1) return { tenantId: undefined, orderId: key };
  return { tenantId: key.slice(0, place), orderId: key.slice(place + 1) };
}

/** `order 1001`, `order 1001 of tenant-2` */
export function describeOrder(key: string): string {
  const { tenantId, orderId } = readOrderKey(key);
  return tenantId === undefined ? `order ${orderId}` : `order ${orderId} of ${tenantId}`;
}
