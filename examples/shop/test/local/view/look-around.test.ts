import { describe, expect, it } from 'vitest';
import type { EpochMs } from '../../../../../lib/shared/time.ts';
import { billingConsumer } from '../../../../../test/local/ledger/ledger-under-test.ts';
import { type LookAroundFacts, lookAround, lookInShop } from '../../../local/view/look-around.ts';
import { shopOf } from '../orders/shop-of.ts';

const facts: LookAroundFacts = {
  run: { endpointUrl: 'http://127.0.0.1:4566', region: 'eu-west-1' },
  topology: {
    region: 'eu-west-1',
    accountId: '123456789012',
    outboxTableName: 'outbox-1',
    pendingTableName: 'pending-1',
    consumers: [billingConsumer('http://127.0.0.1:4566/123456789012/billing.fifo')],
    queueNames: new Map(),
    serviceNames: new Map(),
  },
  shop: shopOf('1'),
  external: { url: 'http://127.0.0.1:4600' },
  settings: { tenantIds: [undefined] },
  startedAt: Date.parse('2026-11-20T09:00:00.000Z') as EpochMs,
};

describe('lookInShop', () => {
  it('prints commands with the endpoint and the real names', () => {
    expect(lookInShop(facts)).toEqual([
      '  export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local',
      '  export AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1',
      '  export EXTERNAL=http://127.0.0.1:4600',
      '  export API=https://api-1.example.com ISSUER=https://issuer-1.example.com ACCOUNTS=https://accounts-1.example.com',
      '  export OPERATOR_SECRET=operator-1    # docs/shop.md has commands for the API',
      '  aws --endpoint-url $AWS_ENDPOINT_URL sqs receive-message --attribute-names All --visibility-timeout 0 --queue-url http://127.0.0.1:4566/123456789012/billing-dead.fifo',
      '  aws --endpoint-url $AWS_ENDPOINT_URL dynamodb scan --max-items 3 --table-name outbox-1',
      '  curl $EXTERNAL/ledger    # what payment gateway, carrier and mail service did; curl $EXTERNAL tells more',
    ]);
  });

  it('leaves out commands for resources that do not exist', () => {
    const lines = lookInShop({ ...facts, topology: { ...facts.topology, consumers: [] } });

    expect(lines).toHaveLength(7);
  });

  it('prints no command that the policy of the bus denies', () => {
    expect(lookInShop(facts).join('\n')).not.toContain('put-events');
  });
});

const plan = {
  products: [
    { sku: 'RARE', name: 'Rare', price: { currency: 'GBP', minorUnits: 9_000 } },
    { sku: 'CUP', name: 'Cup', price: { currency: 'GBP', minorUnits: 825 } },
  ],
  stock: new Map([
    ['RARE', 1],
    ['CUP', 103],
  ]),
};

const textOf = (more: Partial<LookAroundFacts> = {}) => lookAround({ ...facts, ...more }, plan).join('\n');

describe('lookAround', () => {
  it('places an order of goods in stock, cancels it, and queries its status', () => {
    const text = textOf();

    expect(text).toContain('dynamodb scan --max-items 3 --table-name orders-1');
    expect(text).toContain(
      '{"orderId":"mine-1","customerId":"me","lines":[{"sku":"CUP","quantity":1}],"total":{"currency":"GBP","minorUnits":825}}',
    );
    expect(text).toContain('lambda invoke --function-name place-1 --payload fileb:///dev/stdin /dev/stdout');
    expect(text).toContain('lambda invoke --function-name cancel-1');
    expect(text).toContain('echo \'{"customerId":"me"}\'');
    expect(text).toContain(
      `curl -H 'content-type: application/json' -d '{"system":"payment-gateway","fault":{"kind":"error","status":503},"times":6}' $EXTERNAL/faults`,
    );
    expect(text).toContain('{"currency":"GBP","period":"2026"}');
    expect(text).toContain("npx waybill where --group 'order#mine-1' --sequence 1");
    expect(text).toContain('npx waybill skip --consumer billing --group GROUP');
  });

  it('uses the first tenant if there are tenants', () => {
    const text = textOf({ settings: { tenantIds: ['tenant-1', 'tenant-2'] } });

    expect(text).toContain('{"tenantId":"tenant-1","orderId":"mine-1"}');
    expect(text).toContain("--group 'tenant:tenant-1:order#mine-1'");
    expect(text).toContain(`--expression-attribute-values '{":id":{"S":"tenant-1#mine-1"}}'`);
  });

  it('shows a saga only if there are sagas', () => {
    expect(textOf()).toContain('dynamodb query --table-name sagas-1');
    expect(textOf({ shop: { ...shopOf('1'), sagasTableName: undefined } })).not.toContain('dynamodb query');
  });
});
