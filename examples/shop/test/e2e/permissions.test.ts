import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GrantUse } from '../../../../local/iam/grant-uses.ts';
import { objectAt } from '../../../../local/template/json.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../../../local/temporary-folder.ts';
import { eventually } from '../../../../test/e2e/eventually.ts';
import { serveIssuer } from '../../../../test/e2e/orders-api/serve-issuer.ts';
import {
  type Grant,
  type GrantHolder,
  grantHolders,
  grantsOf,
  missedBy,
  without,
} from '../../../../test/fixtures/grants.ts';
import { SCOPE } from '../../functions/scopes.ts';
import { ALL_REFUSED, tryAs } from './permissions/attempts.ts';
import { exerciseShop, FIFO, failEveryHandler, LOST, TRIALS } from './permissions/exercise-shop.ts';
import { copyAssemblyWithout, type GrantInTemplate } from './permissions/shop-assembly.ts';
import { type ShopRun, startShop } from './permissions/shop-run.ts';
import { synthesizeShop } from './shop-assembly.ts';

const consumers = Object.keys(TRIALS);

const REFUSED_ORDER = 'refused-by-the-bus';

let folder: TemporaryFolder;
let assembly: string;
let issuer: Awaited<ReturnType<typeof serveIssuer>>;

beforeAll(async () => {
  folder = createTemporaryFolder();
  issuer = await serveIssuer();
  assembly = join(folder.path, 'assembly');
  await synthesizeShop(assembly, { 'shop:accounts': JSON.stringify({ issuer: issuer.issuer, audience: ['shop'] }) });
});

afterAll(async () => {
  await issuer?.[Symbol.asyncDispose]();
  folder?.[Symbol.dispose]();
});

/**
 * The run that all grants are held against. Replaying its requests with one grant less each time takes milliseconds
 * where a run takes seconds, and asks the same evaluator; a few real runs below show that the two agree.
 */
describe('the grants of the shop', () => {
  let shop: ShopRun;
  let uses: readonly GrantUse[];
  let holders: readonly GrantHolder[];

  beforeAll(async () => {
    shop = await startShop(assembly, {
      eventBridge: {
        onPutEventsEntry: ({ Detail }) =>
          String(Detail).includes(REFUSED_ORDER)
            ? { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }
            : undefined,
        onDelivery: ({ event }) =>
          String(objectAt(event, 'detail')['id']).startsWith(LOST) ? { copies: 0 } : undefined,
      },
    });
    const exp = Math.floor(Date.now() / 1000) + 3600;
    const token = issuer.token({ sub: 'partner', aud: 'shop', exp, scope: Object.values(SCOPE).join(' ') });
    await exerciseShop(shop, REFUSED_ORDER, token);
    await sweep(shop);
    await shop.call(reconcilerOf(shop), { until: 'whole' });
    await failEveryHandler(shop);
    await eventually(() => {
      for (const id of consumers) {
        expect(usedBy(shop, id, 'dynamodb:UpdateItem', 'HubInbox'), id).toHaveLength(1);
        expect(usedBy(shop, id, 'dynamodb:GetItem', 'HubInbox'), id).toHaveLength(1);
        expect(usedBy(shop, id, 'sqs:ChangeMessageVisibility', ''), id).toHaveLength(1);
        if (!FIFO.includes(id)) expect(usedBy(shop, id, 'sqs:SendMessage', ''), id).toHaveLength(1);
      }
    });
    for (const { source, takes } of Object.values(TRIALS)) await shop.putUndeliverable(source, takes);
    await eventually(() => expect(used(shop, 'sqs:SendMessage', 'UndeliverableQueue')).toHaveLength(consumers.length));
    uses = shop.run.permissions.granted();
    holders = grantHolders(shop.run.deployment);
  });

  afterAll(() => shop?.[Symbol.asyncDispose]());

  it('allow all requests of the run', () => {
    expect(shop.run.permissions.refusals()).toStrictEqual([]);
  });

  it('belong to a function, or to a rule that reaches a queue', () => {
    expect(holders.filter(({ kind }) => kind === 'identity').map(({ constructPath }) => constructPath)).toStrictEqual([
      'Waybill-dev-Hub/Hub/Relay/FunctionRole',
      'Waybill-dev-Hub/Hub/Sweeper/FunctionRole',
      'Waybill-dev-Hub/Hub/Reconciler/FunctionRole',
      'Waybill-dev-Shop/Orders/FunctionRole',
      'Waybill-dev-Shop/Payments/FunctionRole',
      'Waybill-dev-Shop/Inventory/FunctionRole',
      'Waybill-dev-Shop/Shipping/FunctionRole',
      'Waybill-dev-Shop/Catalog/FunctionRole',
      'Waybill-dev-Shop/Customers/FunctionRole',
      'Waybill-dev-Shop/Notifications/FunctionRole',
      'Waybill-dev-Shop/CreditNotes/FunctionRole',
      'Waybill-dev-Shop/PlaceOrderRole',
      'Waybill-dev-Shop/CancelOrderRole',
      'Waybill-dev-Shop/ReviewPaymentRole',
      'Waybill-dev-Shop/ReceiveStockRole',
      'Waybill-dev-Shop/ChangeProductRole',
      'Waybill-dev-Shop/CarrierTracking/FunctionRole',
      'Waybill-dev-Shop/OrderLinks/FunctionRole',
      'Waybill-dev-Shop/FindLinksRole',
      'Waybill-dev-Shop/OrderOverview/Consumer/FunctionRole',
      'Waybill-dev-Shop/OrderOverview/RebuildRole',
      'Waybill-dev-Shop/QueryOrdersRole',
      'Waybill-dev-Shop/OrderTracking/Consumer/FunctionRole',
      'Waybill-dev-Shop/OrderTracking/RebuildRole',
      'Waybill-dev-Shop/RevenueByDay/Consumer/FunctionRole',
      'Waybill-dev-Shop/RevenueByDay/RebuildRole',
      'Waybill-dev-Shop/QueryRevenueRole',
      'Waybill-dev-Shop/Api/FunctionRole',
      'Waybill-dev-Shop/Api/CatalogRole',
      'Waybill-dev-Shop/Api/StockRole',
      'Waybill-dev-Shop/Api/StorefrontRole',
    ]);
  });

  it('are each detected as missing if they are removed', () => {
    const superfluous = superfluousIn(holders, uses).filter((grant) => !isSeldomUsed(grant));

    expect(superfluous.map(describeGrant)).toStrictEqual([]);
    // so that a test of nothing does not pass for a test of all
    expect(holders.flatMap(grantsOf).length).toBeGreaterThan(200);
  });

  it('have no wildcards except for actions without resource-level permissions', () => {
    const wildcards = wildcardsIn(holders).map(({ action, resource }) => `${action} on ${resource}`);

    expect(
      wildcards.filter((grant) => !/^logs:\w+ on arn:aws:logs:[^*]+:log-group:[^*]+:\*$/.test(grant)),
    ).toStrictEqual([
      expect.stringMatching(/^s3:PutObject on arn:aws:s3:::[^*]+\/aws\/lambda\/\*$/),
      'dynamodb:ListStreams on *',
      // consumers of other apps are found by them: docs/adr/0064
      'lambda:ListFunctions on *',
      'sqs:GetQueueAttributes on arn:aws:sqs:us-east-1:000000000000:*',
    ]);
  });

  it.each([
    { Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' },
    { Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: '*' },
    { Effect: 'Allow', Action: 'sqs:*', Resource: 'arn:aws:sqs:us-east-1:000000000000:WaybilldevShop*' },
  ])('do not hide a wildcard: $Action on $Resource', (added) => {
    const widened = holders.map((holder) =>
      holder.constructPath.endsWith('/PlaceOrderRole')
        ? { ...holder, policies: [...holder.policies, { name: 'added', document: { Statement: [added] } }] }
        : holder,
    );

    expect(wildcardsIn(widened)).toContainEqual(expect.objectContaining({ policyName: 'added' }));
    expect(superfluousIn(widened, uses)).toContainEqual(expect.objectContaining({ policyName: 'added' }));
  });
});

/** One grant less in the template, as if the CDK code did not give it, and what becomes of an order. */
describe('a shop with one grant removed', () => {
  const startWithout = async (grant: GrantInTemplate) => {
    const copy = join(folder.path, `without-${grant.action.replace(':', '-')}-${grant.policyPath.split('/')[0]}`);
    copyAssemblyWithout(assembly, copy, grant);
    return startShop(copy);
  };

  it('rejects the order if place-order cannot read the head of the outbox, and names the missing grant', async () => {
    await using shop = await startWithout({
      stack: 'Waybill-dev-Shop',
      policyPath: 'PlaceOrderRole/DefaultPolicy/Resource',
      action: 'dynamodb:GetItem',
      on: 'Outbox',
    });

    const placement = await shop.placeOrder('order-1');

    const user = `User: arn:aws:sts::000000000000:assumed-role/Waybill-dev-Shop-PlaceOrderRole`;
    expect(placement).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining(`AccessDeniedException: ${user}`),
    });
    expect(shop.troubles).toContain(
      'iam Waybill-dev-Shop/PlaceOrder may not dynamodb:GetItem on Waybill-dev-Hub/Hub/Outbox: the grant is missing; add it in the CDK code',
    );
    expect(shop.run.permissions.refusals()).toMatchObject([
      {
        constructPath: 'Waybill-dev-Shop/PlaceOrder',
        action: 'dynamodb:GetItem',
        resource: shop.arnOf('Hub/Outbox'),
      },
    ]);
  });

  it('keeps the events of an order if a consumer cannot write its table', async () => {
    await using shop = await startWithout({
      stack: 'Waybill-dev-Shop',
      policyPath: 'Payments/FunctionRole/DefaultPolicy/Resource',
      action: 'dynamodb:PutItem',
      on: 'PaymentsTable',
    });

    await shop.placeOrder('order-1');

    await eventually(() =>
      expect(shop.troubles).toContain(
        'iam Waybill-dev-Shop/Payments/Function may not dynamodb:PutItem on Waybill-dev-Shop/PaymentsTable: the grant is missing; add it in the CDK code',
      ),
    );
    expect(shop.run.unsettled().join()).toContain('Payments');
    expect(await shop.scan('PaymentsTable')).toStrictEqual([]);
  });

  it('leaves the markers of published events if the relay cannot delete them', async () => {
    await using shop = await startWithout({
      stack: 'Waybill-dev-Hub',
      policyPath: 'Hub/Relay/FunctionRole/DefaultPolicy/Resource',
      action: 'dynamodb:BatchWriteItem',
    });

    await shop.placeOrder('order-1');

    await eventually(() =>
      expect(shop.troubles).toContainEqual(
        expect.stringMatching(
          /^iam Waybill-dev-Hub\/Hub\/Relay\/Function may not dynamodb:BatchWriteItem on Waybill-dev-Hub\/Hub\/Pending: /,
        ),
      ),
    );
    expect(await shop.scan('Hub/Pending')).not.toStrictEqual([]);
  });

  it('is not deployed if Lambda cannot poll the queue of a consumer', async () => {
    const start = startWithout({
      stack: 'Waybill-dev-Shop',
      policyPath: 'Orders/FunctionRole/DefaultPolicy/Resource',
      action: 'sqs:ReceiveMessage',
    });

    await expect(start).rejects.toMatchObject({
      code: 'LOCAL_DEPLOYMENT_FAILED',
      message: expect.stringContaining(
        'InvalidParameterValueException: The function execution role does not have permissions to call ReceiveMessage on SQS',
      ),
    });
  });

  it('puts events into the undeliverable queue if a rule cannot send to its queue', async () => {
    await using shop = await startWithout({
      stack: 'Waybill-dev-Shop',
      policyPath: 'Payments/Queue/Policy/Resource',
      action: 'sqs:SendMessage',
    });

    await shop.placeOrder('order-1');
    await shop.settled();

    const [letter] = shop.run.sqs.peek(shop.arnOf('Payments/UndeliverableQueue'));
    expect(letter?.attributes['ERROR_CODE']).toMatchObject({ StringValue: 'NO_PERMISSIONS' });
    expect(shop.troubles).toContain(
      "iam Waybill-dev-Shop/Payments/Rule may not sqs:SendMessage on Waybill-dev-Shop/Payments/Queue: the resource's policy has no grant for events.amazonaws.com; add it in the CDK code",
    );
  });
});

describe('a function of the shop', () => {
  let shop: ShopRun;

  beforeAll(async () => {
    shop = await startShop(assembly);
    await shop.placeOrder('order-1');
    await shop.settled();
    // a function gets its credentials when it runs
    await runSweeper(shop);
  });

  afterAll(() => shop?.[Symbol.asyncDispose]());

  it.each(['Orders', 'Payments', 'Inventory', 'Shipping'])('is denied calls that are not granted: %s', async (id) => {
    const other = id === 'Orders' ? 'Payments' : 'Orders';

    const answers = await tryAs(shop.run, `${id}/Function`, other);

    expect(answers).toStrictEqual(ALL_REFUSED);
  });

  it.each(['PlaceOrder', 'Hub/Relay/Function', 'Hub/Sweeper/Function'])(
    'is denied calls that are not granted: %s',
    async (path) => {
      expect(await tryAs(shop.run, path, 'Payments')).toStrictEqual({
        ...ALL_REFUSED,
        // relay and sweeper may publish
        ...(path === 'PlaceOrder' ? {} : { publish: 'allowed' }),
      });
    },
  );
});

describe('the bus of the shop', () => {
  it('rejects events of everyone except relay and sweeper, even of an administrator, and says why', async () => {
    await using shop = await startShop(assembly);
    const { endpointUrl, region, deployment } = shop.run;
    const credentials = { accessKeyId: 'AKIAOUTSIDE', secretAccessKey: 'secret' };
    const client = new EventBridgeClient({ endpoint: endpointUrl, region, credentials, maxAttempts: 1 });
    const Entries = [
      {
        EventBusName: deployment.buses[0]?.busName,
        Source: '/orders',
        DetailType: 'com.example.order.placed',
        Detail: '{"partitionkey":"order#forged"}',
      },
    ];

    const forged = client.send(new PutEventsCommand({ Entries }));

    await expect(forged).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(
        /^User: arn:aws:iam::000000000000:user\/local-run is not authorized to perform: events:PutEvents on resource: arn:aws:events:[^ ]+ with an explicit deny in a resource-based policy$/,
      ),
    });
    expect(shop.troubles).toContain(
      'iam arn:aws:iam::000000000000:user/local-run may not events:PutEvents on Waybill-dev-Hub/Hub/Bus: statement 0 of policy Waybill-dev-Hub/Hub/Bus/cdk-OnlyTheOutboxPublishes/Resource denies it',
    );
    client.destroy();
  });
});

/** Lets the sweeper's schedule come, with two markers from long ago: of an event that the log has, and of one that it has not. */
async function sweep(shop: ShopRun): Promise<void> {
  const event = (await shop.scan('Hub/Outbox')).find(
    ({ kind, event: text }) => kind?.S === 'EVENT' && !text?.S?.includes(REFUSED_ORDER),
  );
  if (event === undefined) throw new Error('no event in the outbox');
  const marker = { ...event, committedAt: { N: '1' } };
  await shop.put('Hub/Pending', marker);
  await shop.put('Hub/Pending', { ...marker, sequence: { N: '1000' } });
  await runSweeper(shop);
  await eventually(() => expect(usedBySweeper(shop, 'dynamodb:BatchWriteItem')).toHaveLength(1));
  await shop.settled();
}

const reconcilerOf = ({ run }: ShopRun): string =>
  [...run.deployment.outputs.values()].map((outputs) => outputs.get('HubReconcilerFunctionName')).find(Boolean) ?? '';

async function runSweeper(shop: ShopRun): Promise<void> {
  shop.run.clock.advance(60_000);
  await eventually(() => expect(usedBySweeper(shop, 'dynamodb:Scan')).toHaveLength(1));
}

const usedBySweeper = (shop: ShopRun, action: string): readonly GrantUse[] =>
  used(shop, action, 'HubPending').filter(
    ({ request: { principal } }) => principal.kind === 'role' && principal.roleArn.includes('SweeperFunctionRole'),
  );

const used = ({ run }: ShopRun, action: string, resource: string): readonly GrantUse[] =>
  run.permissions.granted().filter(({ request }) => request.action === action && request.resource.includes(resource));

const usedBy = (shop: ShopRun, consumer: string, action: string, resource: string): readonly GrantUse[] =>
  used(shop, action, resource).filter(
    ({ request: { principal } }) => principal.kind === 'role' && principal.roleArn.includes(`-${consumer}FunctionRole`),
  );

/** A consumer by arrival order sends only what it has deferred too often. */
const isSeldomUsed = ({ action, resource, holder: { constructPath } }: Grant): boolean =>
  // its schedule comes every 15 minutes; here it is called by hand
  constructPath.endsWith('/Reconciler/Function/AllowSchedules') ||
  // it reads again what looks lost, and there is nothing
  (['dynamodb:Query', 'dynamodb:GetItem'].includes(action) &&
    resource.includes('HubOutbox') &&
    constructPath.endsWith('/Reconciler/FunctionRole')) ||
  (action === 'sqs:SendMessage' && FIFO.some((id) => constructPath.endsWith(`/${id}/FunctionRole`))) ||
  // an API asks for the record of a request whose claim it has lost
  (action === 'dynamodb:GetItem' && resource.includes('ApiRequests')) ||
  // for the heads of several groups in one transaction, which the shop's functions do not write
  (action === 'dynamodb:BatchGetItem' && resource.includes('HubOutbox'));

const superfluousIn = (holders: readonly GrantHolder[], uses: readonly GrantUse[]): readonly Grant[] =>
  holders.flatMap((holder) => grantsOf(holder).filter((grant) => missedBy(holder, without(grant), uses).length === 0));

const wildcardsIn = (holders: readonly GrantHolder[]): readonly Grant[] =>
  holders.flatMap(grantsOf).filter(({ action, resource }) => /[*?]/.test(`${action} ${resource}`));

const describeGrant = ({ holder, action, resource }: Grant): string =>
  `${holder.constructPath}: ${action} on ${resource}`;
