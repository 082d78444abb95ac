import { describe, expect, it } from 'vitest';
import { type LookAroundFacts, lookAround, lookIn } from '../../../local/view/look-around.ts';
import { billingConsumer } from '../ledger/ledger-under-test.ts';
import { shopOf } from '../orders/shop-of.ts';

const facts: LookAroundFacts = {
  run: { endpointUrl: 'http://127.0.0.1:4566', region: 'eu-west-1' },
  topology: {
    region: 'eu-west-1',
    accountId: '123456789012',
    outboxTableName: 'outbox-1',
    pendingTableName: 'pending-1',
    busName: 'bus-1',
    consumers: [billingConsumer('http://127.0.0.1:4566/123456789012/billing.fifo')],
    queueNames: new Map(),
    serviceNames: new Map(),
  },
  shop: shopOf('1'),
};

describe('lookIn', () => {
  it('gives three commands with the endpoint and the real names', () => {
    expect(lookIn(facts)).toEqual([
      '  export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local',
      '  export AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1',
      '  aws --endpoint-url $AWS_ENDPOINT_URL sqs receive-message --attribute-names All --visibility-timeout 0 --queue-url http://127.0.0.1:4566/123456789012/billing-dead.fifo',
      '  aws --endpoint-url $AWS_ENDPOINT_URL dynamodb scan --max-items 3 --table-name outbox-1',
      `  aws --endpoint-url $AWS_ENDPOINT_URL events put-events --entries '[{"EventBusName":"bus-1","Source":"/me","DetailType":"hello","Detail":"{\\"from\\":\\"me\\"}"}]'`,
    ]);
  });

  it('leaves out what is not there', () => {
    const lines = lookIn({ ...facts, topology: { ...facts.topology, consumers: [], busName: undefined } });

    expect(lines).toHaveLength(3);
  });
});

describe('lookAround', () => {
  it('places an order and asks where it is, too', () => {
    const text = lookAround(facts).join('\n');

    expect(text).toContain('dynamodb scan --max-items 3 --table-name orders-1');
    expect(text).toContain('lambda invoke --function-name place-1 --payload fileb:///dev/stdin /dev/stdout');
    expect(text).toContain("npm run ops -- where --group 'order#mine-1' --sequence 1");
    expect(text).toContain('npm run ops -- skip --consumer billing --group GROUP');
  });
});
