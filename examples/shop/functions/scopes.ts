import type { Principal } from 'waybill/http';

/**
 * Scopes of the shop's API. A customer works on orders of their own; a partner with the scopes `…-for-others` works on
 * everybody's. Prices and stock are the staff's to change.
 */
export const SCOPE = {
  readOrders: 'orders:read',
  writeOrders: 'orders:write',
  readOrdersForOthers: 'orders:read-for-others',
  writeOrdersForOthers: 'orders:write-for-others',
  readCatalog: 'catalog:read',
  writeCatalog: 'catalog:write',
  writeStock: 'stock:write',
} as const;

type Caller = Pick<Principal, 'subject' | 'scopes'>;

/** Whether the caller may see what belongs to a customer. */
export const maySee = (caller: Caller, customerId: string): boolean =>
  isCustomer(caller, customerId) || caller.scopes.includes(SCOPE.readOrdersForOthers);

/** Whether the caller may order for a customer, and cancel what they ordered. */
export const mayOrderFor = (caller: Caller, customerId: string): boolean =>
  isCustomer(caller, customerId) || ordersForOthers(caller);

export const ordersForOthers = ({ scopes }: Caller): boolean => scopes.includes(SCOPE.writeOrdersForOthers);

/** Customers are known by the subject of their token. */
const isCustomer = ({ subject }: Caller, customerId: string): boolean => subject === customerId;
