import { WaybillError } from '../../../../lib/definitions/index.ts';
import type { Deployment } from '../../../../local/template/deployment.ts';

/** The stacks have no shop to place orders in. */
class NoShopError extends WaybillError {
  readonly code = 'LOCAL_NO_SHOP';
}

/** Where orders go in, and where it is seen what became of them. */
export interface Shop {
  readonly stackName: string;
  readonly placeOrderFunctionName: string;
  readonly cancelOrderFunctionName: string;
  readonly reviewPaymentFunctionName: string;
  readonly changeProductFunctionName: string;
  readonly receiveStockFunctionName: string;
  /** Undefined where the accounts are somebody else's: the run cannot register anybody there. */
  readonly api: ShopApi | undefined;
  readonly queryOrdersFunctionName: string;
  readonly queryRevenueFunctionName: string;
  readonly findLinksFunctionName: string;
  readonly ordersTableName: string;
  readonly paymentsTableName: string;
  readonly paymentAuditTableName: string;
  readonly inventoryTableName: string;
  readonly stockTableName: string;
  readonly shippingTableName: string;
  readonly customersTableName: string;
  readonly creditNotesTableName: string;
  readonly linksTableName: string;
  /** Where carriers tell of parcels: with `{tenant}` where there are tenants. */
  readonly carrierTrackingUrl: string;
  /** Undefined where each tenant has a secret of its own. */
  readonly carrierTrackingSecretArn: string | undefined;
  /** Undefined where the services follow each other's events. */
  readonly sagasTableName: string | undefined;
  readonly productsTableName: string;
  /** Undefined in a shop without syncs. */
  readonly syncs: SyncedShop | undefined;
}

/** The shop's part that reads from others. */
interface SyncedShop {
  /** Where its syncs remember. */
  readonly tableNames: readonly string[];
  readonly connectSupplierFunctionName: string;
  /** Where supplier B tells of products: with `{tenant}` where there are tenants. */
  readonly supplierWebhookUrl: string;
  /** Undefined where each tenant has a secret of its own. */
  readonly supplierWebhookSecretArn: string | undefined;
}

function findSyncs(outputs: ReadonlyMap<string, string>): SyncedShop | undefined {
  const connectSupplierFunctionName = outputs.get('ConnectSupplierFunctionName');
  if (connectSupplierFunctionName === undefined) return undefined;
  return {
    connectSupplierFunctionName,
    // syncs may share one
    tableNames: [...new Set([...outputs].filter(([name]) => name.endsWith('SyncTableName')).map(([, value]) => value))],
    supplierWebhookUrl: outputs.get('SupplierBWebhookUrl') ?? '',
    supplierWebhookSecretArn: outputs.get('SupplierBWebhookSecretArn'),
  };
}

/** Where clients call the shop, and where they get their tokens. */
export interface ShopApi {
  readonly url: string;
  /** Issues the tokens. */
  readonly issuerUrl: string;
  /** Registers clients and people. */
  readonly accountsUrl: string;
  readonly operatorSecretArn: string;
  readonly rotateKeysFunctionName: string;
}

/** Output of a stack that has accounts of its own. */
const ISSUER = 'IssuerApiUrl';

function findApi(url: string | undefined, stacks: Deployment['outputs']): ShopApi | undefined {
  const accounts = [...stacks.values()].find((outputs) => outputs.has(ISSUER));
  if (url === undefined || accounts === undefined) return undefined;
  const read = (name: string) => accounts.get(name) ?? '';
  return {
    url,
    issuerUrl: read(ISSUER),
    accountsUrl: read('AccountsApiUrl'),
    operatorSecretArn: read('OperatorSecretArn'),
    rotateKeysFunctionName: read('RotateKeysFunctionName'),
  };
}

const WAY_IN = 'PlaceOrderFunctionName';

/** @throws NoShopError `LOCAL_NO_SHOP` when no stack has the outputs of a shop */
export function findShop({ outputs: stacks }: Pick<Deployment, 'outputs'>): Shop {
  const [stackName, outputs] = [...stacks].find(([, own]) => own.has(WAY_IN)) ?? [];
  if (stackName === undefined || outputs === undefined) {
    throw new NoShopError(`a stack must have the output ${WAY_IN}; there are ${[...stacks.keys()].join(', ')}`);
  }
  const missing: string[] = [];
  const read = (name: string): string => {
    const value = outputs.get(name);
    if (value === undefined) missing.push(name);
    return value ?? '';
  };
  const shop = {
    stackName,
    placeOrderFunctionName: read(WAY_IN),
    cancelOrderFunctionName: read('CancelOrderFunctionName'),
    reviewPaymentFunctionName: read('ReviewPaymentFunctionName'),
    changeProductFunctionName: read('ChangeProductFunctionName'),
    receiveStockFunctionName: read('ReceiveStockFunctionName'),
    api: findApi(outputs.get('ApiUrl'), stacks),
    queryOrdersFunctionName: read('QueryOrdersFunctionName'),
    queryRevenueFunctionName: read('QueryRevenueFunctionName'),
    findLinksFunctionName: read('FindLinksFunctionName'),
    ordersTableName: read('OrdersTableName'),
    paymentsTableName: read('PaymentsTableName'),
    paymentAuditTableName: read('PaymentAuditTableName'),
    inventoryTableName: read('InventoryTableName'),
    stockTableName: read('StockTableName'),
    shippingTableName: read('ShippingTableName'),
    customersTableName: read('CustomersTableName'),
    creditNotesTableName: read('CreditNotesTableName'),
    linksTableName: read('LinksTableName'),
    carrierTrackingUrl: read('CarrierTrackingWebhookUrl'),
    carrierTrackingSecretArn: outputs.get('CarrierTrackingWebhookSecretArn'),
    sagasTableName: outputs.get('OrderFulfilmentSagasTableName'),
    productsTableName: read('ProductsTableName'),
    syncs: findSyncs(outputs),
  };
  if (missing.length > 0) throw new NoShopError(`stack ${stackName} must have the outputs ${missing.join(', ')}, too`);
  return shop;
}
