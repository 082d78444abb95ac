import { Logger } from '@aws-lambda-powertools/logger';
import {
  type EventDefinition,
  type EventInputOf,
  hasCode,
  OPERATIONS_TABLE,
  SAGAS_TABLE,
  type TableSchema,
} from 'waybill';
import type { SubscriptionHandlers } from 'waybill/consumer';
import { createOperations, operationSchema } from 'waybill/http';
import { createOutbox } from 'waybill/outbox';
import { createSagaHandlers, parseSagaItem } from 'waybill/saga';
import { createTenancy, createTenantTable } from 'waybill/tenancy';
import {
  createInMemoryOutboxStore,
  createInMemorySagaTimers,
  createInMemoryTableStore,
  createInMemoryTables,
} from 'waybill/testing';
import { parserOf } from '../../../../../lib/tenancy/index.ts';
import { createCountingIds, createTestClock } from '../../../../../test/fixtures/event-maker.ts';
import { lambdaContext } from '../../../../../test/fixtures/lambda-context.ts';
import { createCancelOrder } from '../../../functions/cancel-order/handler.ts';
import { goodsReceiptSchema } from '../../../functions/inventory/goods-receipt.ts';
import { createInventoryHandlers } from '../../../functions/inventory/handler.ts';
import { createOrchestratedInventoryHandlers } from '../../../functions/inventory/orchestrated-handler.ts';
import { reservationSchema } from '../../../functions/inventory/reservation.ts';
import { stockItemSchema } from '../../../functions/inventory/stock.ts';
import { INVENTORY_TABLE, RECEIPTS_TABLE, STOCK_TABLE } from '../../../functions/inventory/table.ts';
import { orderFulfilment } from '../../../functions/order-fulfilment/saga.ts';
import { deliveryAddressSchema } from '../../../functions/orders/delivery-address.ts';
import type { OrderLine } from '../../../functions/orders/events.ts';
import { createOrdersHandlers } from '../../../functions/orders/handler.ts';
import { createKeptAddresses, customerAddressSchema } from '../../../functions/orders/kept-addresses.ts';
import { createOrchestratedOrdersHandlers } from '../../../functions/orders/orchestrated-handler.ts';
import { orderSchema } from '../../../functions/orders/order.ts';
import { CUSTOMER_ADDRESSES_TABLE, DELIVERY_ADDRESSES_TABLE, ORDERS_TABLE } from '../../../functions/orders/table.ts';
import { auditEntrySchema } from '../../../functions/payments/audit-entry.ts';
import { createAuditTrail } from '../../../functions/payments/audit-trail.ts';
import { createFakeFraudCheck } from '../../../functions/payments/fake-fraud-check.ts';
import { createFakePaymentGateway } from '../../../functions/payments/fake-payment-gateway.ts';
import { createPaymentsHandlers } from '../../../functions/payments/handler.ts';
import { createOrchestratedPaymentsHandlers } from '../../../functions/payments/orchestrated-handler.ts';
import { paymentSchema } from '../../../functions/payments/payment.ts';
import { PAYMENT_AUDIT_TABLE, PAYMENTS_TABLE } from '../../../functions/payments/table.ts';
import { createPlaceOrder } from '../../../functions/place-order/handler.ts';
import { createReceiveStock } from '../../../functions/receive-stock/handler.ts';
import { createReviewPayment } from '../../../functions/review-payment/handler.ts';
import { createFakeCarrier } from '../../../functions/shipping/fake-carrier.ts';
import { createShippingHandlers } from '../../../functions/shipping/handler.ts';
import { createOrchestratedShippingHandlers } from '../../../functions/shipping/orchestrated-handler.ts';
import { shipmentSchema } from '../../../functions/shipping/shipment.ts';
import { SHIPPING_TABLE } from '../../../functions/shipping/table.ts';
import { createStepper } from './stepper.ts';

export interface ShopWorldOptions {
  /** @default 'choreographed' */
  readonly fulfilment?: 'choreographed' | 'orchestrated';
  /** Whose shop it is. @default - a shop without tenants */
  readonly tenantId?: string | undefined;
  /** Whether commands say so. @default true */
  readonly nameTenant?: boolean;
  /** Orders whose parcels the carrier refuses. @default - none */
  readonly refusedParcels?: readonly string[];
  /** Orders whose payments the fraud check holds. @default - none */
  readonly heldPayments?: readonly string[];
}

/** The shop in memory: a service handles an event when it is told to, each group in sequence order. */
export function createShopWorld({
  fulfilment = 'choreographed',
  tenantId,
  nameTenant = true,
  refusedParcels = [],
  heldPayments = [],
}: ShopWorldOptions = {}) {
  const tables = createInMemoryTables({
    orders: ORDERS_TABLE,
    addresses: DELIVERY_ADDRESSES_TABLE,
    customerAddresses: CUSTOMER_ADDRESSES_TABLE,
    operations: OPERATIONS_TABLE,
    payments: PAYMENTS_TABLE,
    audit: PAYMENT_AUDIT_TABLE,
    reservations: INVENTORY_TABLE,
    stock: STOCK_TABLE,
    receipts: RECEIPTS_TABLE,
    shipments: SHIPPING_TABLE,
    sagas: SAGAS_TABLE,
  });
  const store = createInMemoryOutboxStore({ tables });
  const clock = createTestClock();
  const logger = new Logger({ logLevel: 'SILENT' });
  const tenancy = createTenancy({
    mode: tenantId === undefined ? 'none' : 'required',
    audit: { crossTenantWork: () => undefined },
  });
  const outbox = createOutbox({
    store,
    clock,
    ids: createCountingIds(),
    sleep: async () => undefined,
    random: () => 0,
    retentionSeconds: 60,
    tenancy,
  });
  const table = <Item>(tableName: string, schema: TableSchema, parse: (item: unknown) => Item) =>
    createTenantTable({ store: createInMemoryTableStore(tables), outbox, tenancy, tableName, schema, parse });

  const orders = table('orders', ORDERS_TABLE, (item) => orderSchema.parse(item));
  const addresses = table('addresses', DELIVERY_ADDRESSES_TABLE, (item) => deliveryAddressSchema.parse(item));
  const ofCustomers = table('customerAddresses', CUSTOMER_ADDRESSES_TABLE, (item) => customerAddressSchema.parse(item));
  const keptAddresses = createKeptAddresses({ addresses, ofCustomers, clock });
  const payments = table('payments', PAYMENTS_TABLE, (item) => paymentSchema.parse(item));
  const entries = table('audit', PAYMENT_AUDIT_TABLE, (item) => auditEntrySchema.parse(item));
  const audit = createAuditTrail({ entries, clock });
  const reservations = table('reservations', INVENTORY_TABLE, (item) => reservationSchema.parse(item));
  const stock = table('stock', STOCK_TABLE, (item) => stockItemSchema.parse(item));
  const receipts = table('receipts', RECEIPTS_TABLE, (item) => goodsReceiptSchema.parse(item));
  const shipments = table('shipments', SHIPPING_TABLE, (item) => shipmentSchema.parse(item));
  const sagas = table('sagas', SAGAS_TABLE, parseSagaItem);
  const operations = createOperations({
    table: table('operations', OPERATIONS_TABLE, parserOf('operations', operationSchema)),
    clock,
  });
  const metrics = { addMetric: () => undefined };
  const gateway = createFakePaymentGateway();
  const fraudCheck = createFakeFraudCheck({
    judge: ({ orderId }) => (heldPayments.includes(orderId) ? 'review' : 'pass'),
  });
  const carrier = createFakeCarrier({
    refuse: ({ orderId }) => (refusedParcels.includes(orderId) ? 'too-heavy' : undefined),
  });
  const services: readonly SubscriptionHandlers[] =
    fulfilment === 'choreographed'
      ? [
          createOrdersHandlers({ orders, operations, addresses: keptAddresses }),
          createPaymentsHandlers({ payments, audit, gateway, fraudCheck }),
          createInventoryHandlers({ reservations, stock }),
          createShippingHandlers({ shipments, addresses, carriers: [carrier] }),
        ]
      : [
          createOrchestratedOrdersHandlers({ orders, operations, addresses: keptAddresses }),
          createOrchestratedPaymentsHandlers({ payments, audit, gateway, fraudCheck }),
          createOrchestratedInventoryHandlers({ reservations, stock }),
          createOrchestratedShippingHandlers({ shipments, addresses, carriers: [carrier] }),
          createSagaHandlers(orderFulfilment, { table: sagas, timers: createInMemorySagaTimers(), metrics, clock }),
        ];
  const asTenant = <Value>(work: () => Promise<Value>): Promise<Value> => tenancy.runAsTenant(tenantId, work);
  // sold at any price
  const priceList = {
    read: async () =>
      new Map([
        ['TEA', null],
        ['CUP', null],
      ]),
  };
  const placeOrder = createPlaceOrder({ orders, addresses: keptAddresses, priceList, outbox, tenancy, clock, logger });
  const cancelOrder = createCancelOrder({ orders, outbox, tenancy, logger });
  const reviewPayment = createReviewPayment({ payments, audit, outbox, tenancy, logger });
  const receiveStock = createReceiveStock({ receipts, stock, outbox, tenancy, logger });

  const named = nameTenant ? { tenantId } : {};
  const stepper = createStepper({ services, store, outbox, tenancy, tenantId, logger });

  return {
    services,
    gateway,
    carrier,
    closesReviews: fulfilment === 'orchestrated',
    ...stepper,
    order: (orderId: string) => asTenant(() => orders.get({ orderId })),
    available: (sku: string) => asTenant(async () => (await stock.get({ sku }))?.available ?? 0),
    /** Publishes, as the saga would. */
    send: <Definition extends EventDefinition>(definition: Definition, data: EventInputOf<Definition>) =>
      asTenant(() => outbox.transact((tx) => tx.publish(definition, data))),
    receive: (receiptId: string, sku: string, quantity: number) =>
      receiveStock({ ...named, receiptId, sku, quantity }, lambdaContext()),
    place: (orderId: string, lines: readonly OrderLine[], minorUnits: number) =>
      placeOrder(
        { ...named, orderId, customerId: 'customer-1', lines, total: { currency: 'GBP', minorUnits } },
        lambdaContext(),
      ),
    /** A person's decision; what has ended meanwhile is not decided any more. */
    review: (orderId: string, decision: 'release' | 'refuse') =>
      reviewPayment({ ...named, orderId, decision, by: 'ann' }, lambdaContext()).catch((error: unknown) => {
        if (!hasCode(error, 'REVIEW_PAYMENT_NOT_HELD')) throw error;
      }),
    cancel: (orderId: string) => cancelOrder({ ...named, orderId }, lambdaContext()),
  };
}
