import { Match, Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { createShopApp } from '../../infra/shop-app.ts';

const synced = {
  'shop:sync': 'on',
  'shop:supplierAUrl': 'https://a.example.com/feed',
  'shop:supplierBUrl': 'https://b.example.com/v1',
  'shop:carrierUrl': 'https://carrier.example.com',
};

const shopTemplate = (context: Readonly<Record<string, string>>): Template => {
  const app = createShopApp({ context: { env: 'dev', 'aws:cdk:bundling-stacks': [], ...context } });
  const stack = app.synth().getStackByName('Waybill-dev-Shop');
  return Template.fromJSON(stack.template);
};

describe("the shop's syncs", () => {
  let template: Template;
  beforeAll(() => {
    template = shopTemplate(synced);
  });

  it('give each function the URLs of what it reads', () => {
    for (const [service, variables] of [
      ['sync-products', { SUPPLIER_A_URL: 'https://a.example.com/feed', SUPPLIER_B_URL: 'https://b.example.com/v1' }],
      ['sync-tracking', { CARRIER_URL: 'https://carrier.example.com' }],
      ['connect-supplier', { SUPPLIER_B_URL: 'https://b.example.com/v1' }],
    ] as const) {
      template.hasResourceProperties('AWS::Lambda::Function', {
        Environment: { Variables: Match.objectLike({ POWERTOOLS_SERVICE_NAME: service, ...variables }) },
      });
    }
  });

  it('receive the webhooks of the carriers and of supplier B', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: 'POST /webhooks/carrier' });
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: 'POST /webhooks/supplier-b' });
  });

  it('are no part of a shop that does not ask for them', () => {
    const plain = shopTemplate({});

    expect(Object.keys(plain.findOutputs('*')).filter((name) => /Sync|Supplier/.test(name))).toStrictEqual([]);
  });
});
