import type { Shop } from '../../../local/orders/shop.ts';

/** A shop whose functions and tables have these ends of their names: `place-1`. */
export const shopOf = (end: string): Shop => ({
  stackName: `shop-${end}`,
  placeOrderFunctionName: `place-${end}`,
  reviewPaymentFunctionName: `review-payment-${end}`,
  cancelOrderFunctionName: `cancel-${end}`,
  changeProductFunctionName: `change-product-${end}`,
  receiveStockFunctionName: `receive-stock-${end}`,
  api: {
    url: `https://api-${end}.example.com`,
    issuerUrl: `https://issuer-${end}.example.com`,
    accountsUrl: `https://accounts-${end}.example.com`,
    operatorSecretArn: `operator-${end}`,
    rotateKeysFunctionName: `rotate-keys-${end}`,
  },
  queryOrdersFunctionName: `query-orders-${end}`,
  queryRevenueFunctionName: `query-revenue-${end}`,
  findLinksFunctionName: `find-links-${end}`,
  ordersTableName: `orders-${end}`,
  paymentAuditTableName: `payment-audit-${end}`,
  paymentsTableName: `payments-${end}`,
  inventoryTableName: `inventory-${end}`,
  stockTableName: `stock-${end}`,
  shippingTableName: `shipping-${end}`,
  customersTableName: `customers-${end}`,
  creditNotesTableName: `credit-notes-${end}`,
  linksTableName: `links-${end}`,
  carrierTrackingUrl: `https://hooks-${end}.example.com/webhooks/{tenant}/carrier`,
  carrierTrackingSecretArn: undefined,
  sagasTableName: `sagas-${end}`,
});
