import type { Topology } from '../ledger/topology.ts';
import type { Shop } from '../orders/shop.ts';

export interface LookAroundFacts {
  readonly run: { readonly endpointUrl: string; readonly region: string };
  readonly topology: Topology;
  readonly shop: Shop;
}

// CLIs before 2.13 and 1.29 do not know the variable
const AWS = 'aws --endpoint-url $AWS_ENDPOINT_URL';

/** Commands to paste while a run is up: what a dead-letter queue holds, what the outbox holds, an event of one's own. */
export function lookIn({ run, topology }: LookAroundFacts): string[] {
  const { endpointUrl, region } = run;
  const [consumer] = topology.consumers;
  const entry = { EventBusName: topology.busName, Source: '/me', DetailType: 'hello', Detail: '{"from":"me"}' };
  return [
    `  export AWS_ENDPOINT_URL=${endpointUrl} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`,
    // SDKs and the CLI's version 2 read the one, its version 1 the other
    `  export AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
    ...(consumer?.deadLetterQueueUrl === undefined
      ? []
      : [
          `  ${AWS} sqs receive-message --attribute-names All --visibility-timeout 0 --queue-url ${consumer.deadLetterQueueUrl}`,
        ]),
    `  ${AWS} dynamodb scan --max-items 3 --table-name ${topology.outboxTableName}`,
    ...(topology.busName === undefined ? [] : [`  ${AWS} events put-events --entries '${JSON.stringify([entry])}'`]),
  ];
}

/** How to look into a run that stays up. */
export function lookAround(facts: LookAroundFacts): string[] {
  const { topology, shop } = facts;
  const [consumer] = topology.consumers;
  const order = { orderId: 'mine-1', customerId: 'me', lines: [{ sku: 'CUP-PORCELAIN', quantity: 1 }] };
  const payload = JSON.stringify({ ...order, total: { currency: 'GBP', minorUnits: 825 } });
  return [
    '',
    'The run stays up until Ctrl-C. To look around, in another terminal:',
    '',
    ...lookIn(facts),
    `  ${AWS} dynamodb scan --max-items 3 --table-name ${shop.ordersTableName}`,
    // on stdin, since versions 1 and 2 of the CLI disagree about how a payload is given otherwise
    `  echo '${payload}' | \\`,
    `    ${AWS} lambda invoke --function-name ${shop.placeOrderFunctionName} --payload fileb:///dev/stdin /dev/stdout`,
    '',
    'Where an event is, which groups wait for one, and how they go on:',
    '',
    "  npm run ops -- where --group 'order#mine-1' --sequence 1",
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
