import { hasCode, OPERATIONS_TABLE } from 'waybill';
import { createOperations, operationSchema } from 'waybill/http';
import { toTimestamp } from 'waybill/runtime';
import { createHarness, createSilentLogger } from 'waybill/testing';
import { lambdaContext } from '../../../../test/fixtures/lambda-context.ts';
import { createCancelOrder } from '../../functions/cancel-order/handler.ts';
import { createInventoryHandlers } from '../../functions/inventory/handler.ts';
import { reservationSchema } from '../../functions/inventory/reservation.ts';
import { stockItemSchema } from '../../functions/inventory/stock.ts';
import { INVENTORY_TABLE, STOCK_TABLE } from '../../functions/inventory/table.ts';
import { deliveryAddressSchema } from '../../functions/orders/delivery-address.ts';
import { OrderPlaced } from '../../functions/orders/events.ts';
import { createOrdersHandlers } from '../../functions/orders/handler.ts';
import { createKeptAddresses, customerAddressSchema } from '../../functions/orders/kept-addresses.ts';
import { orderSchema } from '../../functions/orders/order.ts';
import { CUSTOMER_ADDRESSES_TABLE, DELIVERY_ADDRESSES_TABLE, ORDERS_TABLE } from '../../functions/orders/table.ts';
import { auditEntrySchema } from '../../functions/payments/audit-entry.ts';
import { createAuditTrail } from '../../functions/payments/audit-trail.ts';
import { createFakeFraudCheck } from '../../functions/payments/fake-fraud-check.ts';
import { createFakePaymentGateway } from '../../functions/payments/fake-payment-gateway.ts';
import { createPaymentsHandlers } from '../../functions/payments/handler.ts';
import { paymentSchema } from '../../functions/payments/payment.ts';
import { PAYMENT_AUDIT_TABLE, PAYMENTS_TABLE } from '../../functions/payments/table.ts';
import { createReviewPayment } from '../../functions/review-payment/handler.ts';
import { createFakeCarrier } from '../../functions/shipping/fake-carrier.ts';
import { createShippingHandlers } from '../../functions/shipping/handler.ts';
import { shipmentSchema } from '../../functions/shipping/shipment.ts';
import { SHIPPING_TABLE } from '../../functions/shipping/table.ts';

export interface ChoreographedShopOptions {
  readonly tenancy?: 'none' | 'required';
  /** Orders whose parcels the carrier refuses. */
  readonly refusedParcels?: readonly string[];
  /** Orders whose payments the fraud check holds. */
  readonly heldPayments?: readonly string[];
}

/** The shop's services as they are deployed, in memory. */
export function createChoreographedShop({
  tenancy = 'none',
  refusedParcels = [],
  heldPayments = [],
}: ChoreographedShopOptions = {}) {
  const shop = createHarness({
    tables: {
      orders: ORDERS_TABLE,
      addresses: DELIVERY_ADDRESSES_TABLE,
      customerAddresses: CUSTOMER_ADDRESSES_TABLE,
      operations: OPERATIONS_TABLE,
      payments: PAYMENTS_TABLE,
      audit: PAYMENT_AUDIT_TABLE,
      reservations: INVENTORY_TABLE,
      stock: STOCK_TABLE,
      shipments: SHIPPING_TABLE,
    },
    tenancy,
  });
  const gateway = createFakePaymentGateway();
  const fraudCheck = createFakeFraudCheck({
    judge: ({ orderId }) => (heldPayments.includes(orderId) ? 'review' : 'pass'),
  });
  const carrier = createFakeCarrier({
    refuse: ({ orderId }) => (refusedParcels.includes(orderId) ? 'too-heavy' : undefined),
  });
  const orders = shop.table('orders', (item) => orderSchema.parse(item));
  const addresses = shop.table('addresses', (item) => deliveryAddressSchema.parse(item));
  const ofCustomers = shop.table('customerAddresses', (item) => customerAddressSchema.parse(item));
  const keptAddresses = createKeptAddresses({ addresses, ofCustomers, clock: shop.clock });
  const payments = shop.table('payments', (item) => paymentSchema.parse(item));
  const entries = shop.table('audit', (item) => auditEntrySchema.parse(item));
  const audit = createAuditTrail({ entries, clock: shop.clock });
  const reservations = shop.table('reservations', (item) => reservationSchema.parse(item));
  const stock = shop.table('stock', (item) => stockItemSchema.parse(item));
  const shipments = shop.table('shipments', (item) => shipmentSchema.parse(item));
  const operations = createOperations({ table: shop.table('operations', operationSchema), clock: shop.clock });
  shop.serve(createOrdersHandlers({ orders, operations, addresses: keptAddresses }));
  shop.serve(createPaymentsHandlers({ payments, audit, gateway, fraudCheck }));
  shop.serve(createInventoryHandlers({ reservations, stock }));
  shop.serve(createShippingHandlers({ shipments, addresses, carriers: [carrier] }));

  const cancelOrder = createCancelOrder({
    orders,
    outbox: shop.outbox,
    tenancy: shop.tenancy,
    logger: createSilentLogger('cancel-order'),
  });
  const reviewPayment = createReviewPayment({
    payments,
    audit,
    outbox: shop.outbox,
    tenancy: shop.tenancy,
    logger: createSilentLogger('review-payment'),
  });
  return {
    shop,
    gateway,
    carrier,
    async place(orderId: string, quantity: number, minorUnits: number, tenantId?: string) {
      const lines = [{ sku: 'TEA', quantity }];
      const content = { orderId, customerId: 'customer-1', lines, total: { currency: 'GBP', minorUnits } };
      const placedAt = toTimestamp(shop.clock.now());
      await shop.tenancy.runAsTenant(tenantId, () =>
        shop.outbox.transact((tx) => {
          orders.within(tx).put({ Item: { ...content, status: 'placed', placedAt } });
          tx.publish(OrderPlaced, content);
        }),
      );
    },
    /** As a person does who is not told of what has ended meanwhile. */
    review: (orderId: string, decision: 'release' | 'refuse') =>
      reviewPayment({ orderId, decision, by: 'ann' }, lambdaContext()).catch((error: unknown) => {
        if (!hasCode(error, 'REVIEW_PAYMENT_NOT_HELD')) throw error;
      }),
    cancel: (orderId: string) => cancelOrder({ orderId }, lambdaContext()),
    stockUp: (available: number, tenantId?: string) =>
      shop.given({ items: { stock: [{ sku: 'TEA', available }] }, ...(tenantId && { tenantId }) }),
  };
}
