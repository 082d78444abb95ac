import { CfnOutput } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { OPERATIONS_TABLE, type TableSchema } from 'waybill';
import { type ItemAction, tableFrom, type WaybillFunction } from 'waybill/cdk';
import { PRICE_LISTS_TABLE, PRODUCTS_TABLE } from '../functions/catalog/table.ts';
import { CREDIT_NOTES_TABLE } from '../functions/credit-notes/table.ts';
import { CUSTOMERS_TABLE } from '../functions/customers/table.ts';
import { INVENTORY_TABLE, RECEIPTS_TABLE, STOCK_TABLE } from '../functions/inventory/table.ts';
import { MAIL_PREFERENCES_TABLE, NOTIFICATIONS_TABLE } from '../functions/notifications/table.ts';
import { CUSTOMER_ADDRESSES_TABLE, DELIVERY_ADDRESSES_TABLE, ORDERS_TABLE } from '../functions/orders/table.ts';
import { PAYMENT_AUDIT_TABLE, PAYMENTS_TABLE } from '../functions/payments/table.ts';
import { SHIPPING_TABLE } from '../functions/shipping/table.ts';
import type { ShopProps } from './shop-props.ts';

/** Schemas by id. */
const TABLES = {
  Orders: ORDERS_TABLE,
  DeliveryAddresses: DELIVERY_ADDRESSES_TABLE,
  CustomerAddresses: CUSTOMER_ADDRESSES_TABLE,
  Operations: OPERATIONS_TABLE,
  Payments: PAYMENTS_TABLE,
  PaymentAudit: PAYMENT_AUDIT_TABLE,
  Inventory: INVENTORY_TABLE,
  Stock: STOCK_TABLE,
  Receipts: RECEIPTS_TABLE,
  Shipping: SHIPPING_TABLE,
  Products: PRODUCTS_TABLE,
  PriceLists: PRICE_LISTS_TABLE,
  Customers: CUSTOMERS_TABLE,
  Notifications: NOTIFICATIONS_TABLE,
  MailPreferences: MAIL_PREFERENCES_TABLE,
  CreditNotes: CREDIT_NOTES_TABLE,
} as const satisfies Record<string, TableSchema>;

/** The tables of orders, and of those who fulfil and follow them. */
export type ShopTables = { readonly [Id in keyof typeof TABLES]: Table };

export function addTables(scope: Construct, { hub }: ShopProps): ShopTables {
  const add = (id: keyof ShopTables): Table => {
    const table = tableFrom(scope, `${id}Table`, TABLES[id], hub.settings);
    new CfnOutput(scope, `${id}TableName`, { value: table.tableName });
    return table;
  };
  return {
    Orders: add('Orders'),
    DeliveryAddresses: add('DeliveryAddresses'),
    CustomerAddresses: add('CustomerAddresses'),
    Operations: add('Operations'),
    Payments: add('Payments'),
    PaymentAudit: add('PaymentAudit'),
    Inventory: add('Inventory'),
    Stock: add('Stock'),
    Receipts: add('Receipts'),
    Shipping: add('Shipping'),
    Products: add('Products'),
    PriceLists: add('PriceLists'),
    Customers: add('Customers'),
    Notifications: add('Notifications'),
    MailPreferences: add('MailPreferences'),
    CreditNotes: add('CreditNotes'),
  };
}

/** What a function does with a table's items. */
export interface TableUse {
  readonly table: keyof ShopTables;
  /** Environment variable with the table's name. */
  readonly variable: string;
  readonly actions: readonly ItemAction[];
}

export function useTables(user: WaybillFunction, tables: ShopTables, uses: readonly TableUse[]): void {
  for (const { table, variable, actions } of uses) user.useTable(tables[table], variable, actions);
}
