import { groupOf } from '../../../../lib/definitions/index.ts';
import type { EpochMs } from '../../../../lib/shared/time.ts';
import type { Topology } from '../../../../local/ledger/topology.ts';
import { AWS_COMMAND, type LookInFacts, lookIn, shellVariables } from '../../../../local/view/look-in.ts';
import { orderGroup } from '../../functions/order-group.ts';
import { CURRENCY } from '../orders/amount.ts';
import { orderKey } from '../orders/order-key.ts';
import { type OrderPlan, SPARE_PIECES } from '../orders/order-plan.ts';
import { tenantOf } from '../orders/send-command.ts';
import type { Shop } from '../orders/shop.ts';
import type { TenantIds } from '../orders/shop-command.ts';

export interface ShopLookInFacts extends LookInFacts {
  readonly external: { readonly url: string };
  readonly shop: Pick<Shop, 'api'>;
}

export interface LookAroundFacts extends ShopLookInFacts {
  readonly topology: Topology;
  readonly shop: Shop;
  readonly settings: { readonly tenantIds: TenantIds };
  readonly startedAt: EpochMs;
}

/** What any run offers to look at, and what the external systems did. */
export const lookInShop = ({ run, topology, external, shop }: ShopLookInFacts): string[] => [
  ...shellVariables(run),
  `  export EXTERNAL=${external.url}`,
  ...apiVariables(shop),
  ...lookIn(topology),
  '  curl $EXTERNAL/ledger    # what payment gateway, carrier and mail service did; curl $EXTERNAL tells more',
];

/** For the commands of docs/shop.md. */
const apiVariables = ({ api }: Pick<Shop, 'api'>): string[] =>
  api === undefined
    ? []
    : [
        `  export API=${api.url} ISSUER=${api.issuerUrl} ACCOUNTS=${api.accountsUrl}`,
        `  export OPERATOR_SECRET=${api.operatorSecretArn}    # docs/shop.md has commands for the API`,
      ];

/** The order that the commands are about. */
const ORDER_ID = 'mine-1';
const CUSTOMER_ID = 'me';

/** For some seconds: what fails is tried again after a while. */
const GATEWAY_TROUBLE = { system: 'payment-gateway', fault: { kind: 'error', status: 503 }, times: 6 };

/** How to look into a run that stays up. */
export function lookAround(facts: LookAroundFacts, plan: Pick<OrderPlan, 'products' | 'stock'>): string[] {
  const { topology, shop, settings, startedAt } = facts;
  const [consumer] = topology.consumers;
  const [tenantId] = settings.tenantIds;
  const tenant = tenantOf({ tenantId });
  const order = { orderId: ORDER_ID, customerId: CUSTOMER_ID, ...exampleOf(plan) };
  return [
    '',
    'The run stays up until Ctrl-C. To look around, in another terminal:',
    '',
    ...lookInShop(facts),
    `  ${AWS_COMMAND} dynamodb scan --max-items 3 --table-name ${shop.ordersTableName}`,
    '',
    'An order of your own, its cancellation, and what the read models and the links show; while the payment gateway fails,',
    'a cancellation comes in time:',
    '',
    `  curl -H 'content-type: application/json' -d '${JSON.stringify(GATEWAY_TROUBLE)}' $EXTERNAL/faults`,
    ...invoke(shop.placeOrderFunctionName, { ...tenant, ...order }),
    ...invoke(shop.cancelOrderFunctionName, { ...tenant, orderId: ORDER_ID }),
    ...invoke(shop.queryOrdersFunctionName, { ...tenant, customerId: CUSTOMER_ID }),
    ...invoke(shop.queryRevenueFunctionName, { ...tenant, currency: CURRENCY, period: yearOf(startedAt) }),
    ...invoke(shop.findLinksFunctionName, { ...tenant, module: 'orders', type: 'order', id: ORDER_ID }),
    ...sagaOf(shop, orderKey({ tenantId, orderId: ORDER_ID })),
    '',
    'Where an event is, which groups wait for one, and how they go on:',
    '',
    `  npx waybill where --group '${groupOf(tenantId, orderGroup({ orderId: ORDER_ID }))}' --sequence 1`,
    '  npx waybill held',
    ...(consumer === undefined
      ? []
      : [
          `  npx waybill skip --consumer ${consumer.name} --group GROUP --sequence N --reason TEXT`,
          `  npx waybill resend --consumer ${consumer.name} --group GROUP`,
        ]),
    '',
  ];
}

// on stdin, since versions 1 and 2 of the CLI disagree about how a payload is given otherwise
const invoke = (functionName: string, payload: object): string[] => [
  `  echo '${JSON.stringify(payload)}' | \\`,
  `    ${AWS_COMMAND} lambda invoke --function-name ${functionName} --payload fileb:///dev/stdin /dev/stdout`,
];

const yearOf = (instant: EpochMs): string => String(new Date(instant).getUTCFullYear());

/** State and history of a saga. */
function sagaOf({ sagasTableName }: Shop, sagaId: string): string[] {
  if (sagasTableName === undefined) return [];
  const values = JSON.stringify({ ':id': { S: sagaId } });
  return [
    `  ${AWS_COMMAND} dynamodb query --table-name ${sagasTableName} --key-condition-expression 'sagaId = :id' \\`,
    `    --expression-attribute-values '${values}'`,
  ];
}

/** One piece of something that is still on hand when all orders are shipped. */
function exampleOf({ products, stock }: Pick<OrderPlan, 'products' | 'stock'>) {
  const product = products.find(({ sku }) => (stock.get(sku) ?? 0) >= SPARE_PIECES) ?? products[0];
  return {
    lines: [{ sku: product?.sku ?? 'SKU', quantity: 1 }],
    total: product?.price ?? { currency: CURRENCY, minorUnits: 1_000 },
  };
}
