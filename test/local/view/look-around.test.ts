import { describe, expect, it } from 'vitest';
import type { Topology } from '../../../local/ledger/topology.ts';
import { lookAround } from '../../../local/view/look-around.ts';

const topology: Topology = {
  region: 'eu-west-1',
  accountId: '123456789012',
  outboxTableName: 'outbox-1',
  pendingTableName: 'pending-1',
  busName: 'bus-1',
  consumers: [],
  queueNames: new Map(),
  serviceNames: new Map(),
};

describe('lookAround', () => {
  it('gives commands with the endpoint and the real names', () => {
    const text = lookAround({
      run: { endpointUrl: 'http://127.0.0.1:4566', region: 'eu-west-1' },
      topology,
      shop: { placeOrderFunctionName: 'place-1', ordersTableName: 'orders-1' },
    }).join('\n');

    expect(text).toContain('export AWS_ENDPOINT_URL=http://127.0.0.1:4566 ');
    expect(text).toContain('aws dynamodb scan --table-name orders-1 ');
    expect(text).toContain('aws dynamodb scan --table-name outbox-1 ');
    expect(text).toContain('aws lambda invoke --function-name place-1 ');
  });
});
