import { orderGroup } from '../../examples/shop/functions/order-group.ts';
import { groupOf } from '../../lib/contracts/index.ts';
import type { EpochMs } from '../../lib/shared/time.ts';
import type { Topology } from '../ledger/topology.ts';
import { CURRENCY } from '../../examples/shop/local/orders/amount.ts';
import { orderKey } from '../../examples/shop/local/orders/order-key.ts';
import { type OrderPlan, SPARE_PIECES } from '../../examples/shop/local/orders/order-plan.ts';
import { tenantOf } from '../../examples/shop/local/orders/send-command.ts';
import type { Shop } from '../../examples/shop/local/orders/shop.ts';
import type { TenantIds } from '../../examples/shop/local/orders/shop-command.ts';

export interface LookInFacts {
  readonly run: { readonly endpointUrl: string; readonly region: string };
  readonly topology: Topology;
  readonly external: { readonly url: string };
}

export interface LookAroundFacts extends LookInFacts {
  readonly shop: Shop;
  readonly settings: { readonly tenantIds: TenantIds };
  readonly startedAt: EpochMs;
}

// CLIs before 2.13 and 1.29 do not know the variable
const AWS = 'aws --endpoint-url $AWS_ENDPOINT_URL';

/**
 * Commands to paste while a run is up: what a dead-letter queue holds, what the outbox holds, what the external systems did.
 * None puts an event on the bus: its policy denies that to everybody but relay and sweeper.
 */
export function lookIn({ run, topology, external }: LookInFacts): string[] {
  const { endpointUrl, region } = run;
  const [consumer] = topology.consumers;
  return [
    `  export AWS_ENDPOINT_URL=${endpointUrl} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`,
    // SDKs and the CLI's version 2 read the one, its version 1 the other
    `  export AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
    `  export EXTERNAL=${external.url}`,
    ...(consumer?.deadLetterQueueUrl === undefined
      ? []
      : [
          `  ${AWS} sqs receive-message --attribute-names All --visibility-timeout 0 --queue-url ${consumer.deadLetterQueueUrl}`,
        ]),
    `  ${AWS} dynamodb scan --max-items 3 --table-name ${topology.outboxTableName}`,
    '  curl $EXTERNAL/ledger    # what payment gateway, carrier and mail service did; curl $EXTERNAL tells more',
  ];
}

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
    ...lookIn(facts),
    `  ${AWS} dynamodb scan --max-items 3 --table-name ${shop.ordersTableName}`,
    '',
    'An order of your own, its cancellation, and what the read models and the links show; while the payment gateway fails,',
    'a cancellation comes in time:',
    '',
    `  curl -d '${JSON.stringify(GATEWAY_TROUBLE)}' $EXTERNAL/faults`,
    ...invoke(shop.placeOrderFunctionName, { ...tenant, ...order }),
    ...invoke(shop.cancelOrderFunctionName, { ...tenant, orderId: ORDER_ID }),
    ...invoke(shop.queryOrdersFunctionName, { ...tenant, customerId: CUSTOMER_ID }),
    ...invoke(shop.queryRevenueFunctionName, { ...tenant, currency: CURRENCY, period: yearOf(startedAt) }),
    ...invoke(shop.findLinksFunctionName, { ...tenant, module: 'orders', type: 'order', id: ORDER_ID }),
    ...sagaOf(shop, orderKey({ tenantId, orderId: ORDER_ID })),
    '',
    'Where an event is, which groups wait for one, and how they go on:',
    '',
    `  npm run ops -- where --group '${groupOf(tenantId, orderGroup({ orderId: ORDER_ID }))}' --sequence 1`,
    '  npm run ops -- held',
    ...(consumer === undefined
      ? []
      : [
          `  npm run ops -- skip --consumer ${consumer.name} --group GROUP --sequence N --reason TEXT`,
          `  npm run ops -- ring --consumer ${consumer.name} --group GROUP`,
        ]),
    '',
  ];
}

// on stdin, since versions 1 and 2 of the CLI disagree about how a payload is given otherwise
const invoke = (functionName: string, payload: object): string[] => [
  `  echo '${JSON.stringify(payload)}' | \\`,
  `    ${AWS} lambda invoke --function-name ${functionName} --payload fileb:///dev/stdin /dev/stdout`,
];

const yearOf = (instant: EpochMs): string => String(new Date(instant).getUTCFullYear());

/** State and history of a saga. */
function sagaOf({ sagasTableName }: Shop, sagaId: string): string[] {
  if (sagasTableName === undefined) return [];
  const values = JSON.stringify({ ':id': { S: sagaId } });
  return [
    `  ${AWS} dynamodb query --table-name ${sagasTableName} --key-condition-expression 'sagaId = :id' \\`,
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
