import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../../../cli/run-command.ts';
import { type LocalRun, startLocalRun } from '../../../../local/run.ts';
import { createFunctionCalls } from '../../local/orders/function-calls.ts';
import { findShop } from '../../local/orders/shop.ts';
import { shopAssembly } from './shop-assembly.ts';

const TIMEOUT_MS = 240_000;
const TENANTS = ['acme', 'globex'] as const;

let run: LocalRun;
let lambda: LambdaClient;

beforeAll(async () => {
  const assemblyFolder = await shopAssembly({ 'setting:tenancy': 'required' });
  run = await startLocalRun({ assemblyFolder, log: () => undefined });
  lambda = new LambdaClient(clientOptions());
  for (const tenantId of TENANTS) {
    await answerOf(findShop(run.deployment).changeProductFunctionName, {
      tenantId,
      sku: 'TEA',
      name: 'Tea',
      price: { currency: 'GBP', minorUnits: 450 },
    });
  }
});

afterAll(async () => {
  lambda?.destroy();
  await run?.close();
});

const clientOptions = () => ({
  endpoint: run.endpointUrl,
  region: run.region,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** What a function of the shop answers. */
async function answerOf(functionName: string, payload: unknown) {
  const result = await createFunctionCalls(lambda)(functionName, payload, AbortSignal.timeout(TIMEOUT_MS));
  if (result.kind === 'failed') throw new Error(result.reason);
  return result.answer;
}

/** The function behind an output of the shop's stack. */
function functionOf(output: string): string {
  const { stackName } = findShop(run.deployment);
  return run.deployment.outputs.get(stackName)?.get(output) ?? '';
}

const place = (tenantId: string, orderId: string) =>
  answerOf(findShop(run.deployment).placeOrderFunctionName, {
    tenantId,
    orderId,
    customerId: 'c1',
    lines: [{ sku: 'TEA', quantity: 2 }],
    total: { currency: 'GBP', minorUnits: 900 },
  });

interface FoundOrders {
  readonly orders: readonly { readonly orderId: string; readonly status: string; readonly placedAt: string }[];
  readonly next?: string;
}

/** Every page of a query. */
async function ordersOf(query: object): Promise<FoundOrders['orders']> {
  const found: FoundOrders['orders'][number][] = [];
  let after: string | undefined;
  do {
    const page = (await answerOf(functionOf('QueryOrdersFunctionName'), { ...query, limit: 4, after })) as FoundOrders;
    found.push(...page.orders);
    after = page.next;
  } while (after !== undefined);
  return found;
}

/** Runs a command as the terminal would. */
async function waybill(...args: readonly string[]) {
  const lines: string[] = [];
  const options = clientOptions();
  using clients = new DisposableStack();
  const opened = <Client extends { destroy(): void }>(client: Client) => clients.adopt(client, () => client.destroy());
  const status = await runCommand(args, {
    openClients: () => ({
      dynamoDb: opened(new DynamoDBClient(options)),
      sqs: opened(new SQSClient(options)),
      lambda,
    }),
    clock: run.clock,
    sleep: async () => undefined,
    console: {
      isTerminal: false,
      line: (text) => void lines.push(text),
      note: (text) => void lines.push(text),
      progress: () => undefined,
      confirm: async () => undefined,
    },
    operator: 'ann@desk',
  });
  return { status, text: lines.join('\n') };
}

const settle = () => run.settled(AbortSignal.timeout(TIMEOUT_MS));

describe('the views of the shop', () => {
  it('serve queries during a rebuild under traffic, and contain every order of each tenant afterwards', async () => {
    for (const orderId of ['o1', 'o2', 'o3']) await Promise.all(TENANTS.map((tenantId) => place(tenantId, orderId)));
    await settle();

    let isOver = false;
    const watch = async () => {
      const seen: number[] = [];
      while (!isOver) seen.push((await ordersOf({ tenantId: 'acme', orderId: 'o1' })).length);
      return seen;
    };
    const traffic = async () => {
      for (const orderId of ['o4', 'o5', 'o6', 'o7', 'o8']) {
        await Promise.all(TENANTS.map((tenantId) => place(tenantId, orderId)));
      }
    };
    const rebuilds = Promise.all([waybill('rebuild', 'order-overview'), waybill('rebuild', 'revenue-by-day')]);
    const watched = watch();
    await traffic();
    const results = await rebuilds;
    await settle();
    isOver = true;

    expect(results.map(({ status }) => status)).toStrictEqual([0, 0]);
    expect(results[0].text).toContain('serving     generation 2, made by version 1');
    expect(new Set(await watched)).toStrictEqual(new Set([1]));
    for (const tenantId of TENANTS) {
      const orders = await ordersOf({ tenantId, customerId: 'c1' });
      expect(orders.map(({ orderId }) => orderId).toSorted()).toStrictEqual([
        'o1',
        'o2',
        'o3',
        'o4',
        'o5',
        'o6',
        'o7',
        'o8',
      ]);
      expect(orders.map(({ placedAt }) => placedAt)).toStrictEqual(
        orders
          .map(({ placedAt }) => placedAt)
          .toSorted()
          .toReversed(),
      );
      // nobody has received stock: each is paid, found short, refunded and cancelled
      expect(await ordersOf({ tenantId, status: 'cancelled' })).toHaveLength(8);
      expect(await ordersOf({ tenantId, status: 'placed' })).toStrictEqual([]);
      const period = new Date(run.clock.now()).toISOString().slice(0, 4);
      expect(
        await answerOf(functionOf('QueryRevenueFunctionName'), { tenantId, currency: 'GBP', period }),
      ).toMatchObject({
        total: { orders: 8, captured: 7_200, refunded: 7_200, net: 0 },
      });
    }
    expect(run.permissions.refusals()).toStrictEqual([]);
  });

  it('report their state, and reject invalid queries', async () => {
    expect((await waybill('rebuild', 'order-overview', '--status')).text).toContain('generation 2 serves since');
    expect(await waybill('rebuild', 'sales')).toMatchObject({
      status: 1,
      text: "environment 'dev' has no projection 'sales': choose one of order-overview, order-tracking, revenue-by-day",
    });
    await expect(ordersOf({ tenantId: 'acme' })).rejects.toThrow(
      'QUERY_ORDERS_INVALID: query-orders cannot be done: command: give one of orderId, customerId and status',
    );
    await expect(ordersOf({ orderId: 'o1' })).rejects.toThrow('TENANT_MISSING');
  });
});
