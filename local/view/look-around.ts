import type { Topology } from '../ledger/topology.ts';
import type { Shop } from '../orders/shop.ts';

export interface LookAroundFacts {
  readonly run: { readonly endpointUrl: string; readonly region: string };
  readonly topology: Topology;
  readonly shop: Shop;
}

/** How to look into a run that stays up: the endpoint, and commands to paste. */
export function lookAround({ run, topology, shop }: LookAroundFacts): string[] {
  const { endpointUrl, region } = run;
  const [consumer] = topology.consumers;
  const order = { orderId: 'mine-1', customerId: 'me', lines: [{ sku: 'CUP-PORCELAIN', quantity: 1 }] };
  const payload = JSON.stringify({ ...order, total: { currency: 'GBP', minorUnits: 825 } });
  return [
    '',
    'The run stays up until Ctrl-C. To look around, in another terminal:',
    '',
    `  export AWS_ENDPOINT_URL=${endpointUrl} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`,
    // SDKs and the CLI's version 2 read the one, its version 1 the other
    `  export AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
    `  aws dynamodb scan --table-name ${shop.ordersTableName} --max-items 3`,
    `  aws dynamodb scan --table-name ${topology.outboxTableName} --max-items 3`,
    '  aws sqs list-queues',
    ...(consumer === undefined
      ? []
      : [`  aws sqs get-queue-attributes --attribute-names All --queue-url ${consumer.queue.url}`]),
    `  aws lambda invoke --function-name ${shop.placeOrderFunctionName} --cli-binary-format raw-in-base64-out \\`,
    `    --payload '${payload}' /dev/stdout`,
    '',
  ];
}
