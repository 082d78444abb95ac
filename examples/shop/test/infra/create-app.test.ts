import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import { createShopApp } from '../../infra/shop-app.ts';

const outdir = mkdtempSync(join(tmpdir(), 'waybill-app-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

const createUnbundledApp = (context: Record<string, unknown>) =>
  createShopApp({ outdir, context: { ...context, 'aws:cdk:bundling-stacks': [] } });

const templateOf = (context: Record<string, unknown>, stackName: string): Template =>
  Template.fromStack(createUnbundledApp(context).node.findChild(stackName) as Stack);

describe('the app', () => {
  it.each(['dev', 'staging', 'prod'])('passes cdk-nag and synth in %s', (env) => {
    const app = createUnbundledApp({ env });

    const { stacks } = app.synth();

    expect(stacks.map((stack) => stack.stackName)).toEqual([
      `Waybill-${env}-Hub`,
      `Waybill-${env}-Accounts`,
      `Waybill-${env}-Shop`,
    ]);
  });

  it('tags its resources with the environment', () => {
    const template = templateOf({ env: 'staging' }, 'Waybill-staging-Hub');

    template.allResourcesProperties('AWS::DynamoDB::Table', {
      Tags: [{ Key: 'waybill:environment', Value: 'staging' }],
    });
  });

  it('protects the stacks of production from deletion', () => {
    const { stacks } = createUnbundledApp({ env: 'prod' }).synth();

    expect(stacks.map((stack) => stack.terminationProtection)).toEqual([true, true, true]);
  });

  it('refers from the shop to the hub without cross-stack exports', () => {
    const template = templateOf({ env: 'dev' }, 'Waybill-dev-Hub');

    expect(Object.values(template.toJSON().Outputs)).not.toContainEqual(
      expect.objectContaining({ Export: expect.anything() }),
    );
  });

  it('has no accounts of its own if the settings name others, whose tokens its API takes', () => {
    const accounts = { issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/pool', audience: ['web'] };
    const context = { env: 'dev', 'shop:accounts': JSON.stringify(accounts) };

    const { stacks } = createUnbundledApp(context).synth();

    expect(stacks.map((stack) => stack.stackName)).toEqual(['Waybill-dev-Hub', 'Waybill-dev-Shop']);
    templateOf(context, 'Waybill-dev-Shop').hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      JwtConfiguration: { Issuer: accounts.issuer, Audience: accounts.audience },
    });
  });

  it('outputs the command functions and the tables of the shop', () => {
    const { Outputs } = templateOf({ env: 'dev' }, 'Waybill-dev-Shop').toJSON();

    expect(Outputs).toMatchObject({
      PlaceOrderFunctionName: { Value: { Ref: expect.stringMatching(/^PlaceOrder/) } },
      CancelOrderFunctionName: { Value: { Ref: expect.stringMatching(/^CancelOrder/) } },
      ReceiveStockFunctionName: { Value: { Ref: expect.stringMatching(/^ReceiveStock/) } },
      ChangeProductFunctionName: { Value: { Ref: expect.stringMatching(/^ChangeProduct/) } },
      FindLinksFunctionName: { Value: { Ref: expect.stringMatching(/^FindLinks/) } },
      OrdersTableName: { Value: { Ref: expect.stringMatching(/^OrdersTable/) } },
      PaymentsTableName: { Value: { Ref: expect.stringMatching(/^PaymentsTable/) } },
      InventoryTableName: { Value: { Ref: expect.stringMatching(/^InventoryTable/) } },
      StockTableName: { Value: { Ref: expect.stringMatching(/^StockTable/) } },
      ReceiptsTableName: { Value: { Ref: expect.stringMatching(/^ReceiptsTable/) } },
      ShippingTableName: { Value: { Ref: expect.stringMatching(/^ShippingTable/) } },
    });
  });
});
