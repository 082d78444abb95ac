import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleLoadProblems } from 'waybill/cdk';
import * as z from 'zod';
import { createShopApp } from '../../infra/shop-app.ts';

const KB = 1024;

const PROJECTIONS = ['order-overview', 'order-tracking', 'revenue-by-day'];
const CONSUMERS = [
  ...['orders', 'payments', 'inventory', 'shipping', 'notifications'],
  ...['catalog', 'customers', 'order-links', 'credit-notes'],
  ...PROJECTIONS,
];
/** They carry the client for external systems. */
const CALLERS = ['payments', 'shipping', 'notifications'];
/** They carry the scans and deletes, and neither inbox nor SQS. */
const REBUILDS = PROJECTIONS.map((name) => `${name}-rebuild`);
/** The storefront asks the other one. */
const QUERIES = ['order-overview', 'revenue-by-day'].map((name) => `${name}-query`);
const COMMANDS = ['place-order', 'cancel-order', 'receive-stock', 'change-product', 'review-payment', 'find-links'];
const APIS = ['orders-api', 'catalog-api', 'stock-api', 'storefront'];
/** They carry Secrets Manager. */
const ACCOUNTS = ['issuer', 'accounts', 'account-mails', 'rotate-keys'];
const FUNCTIONS = [
  'relay',
  'sweeper',
  'reconciler',
  ...COMMANDS,
  ...CONSUMERS,
  ...REBUILDS,
  ...QUERIES,
  ...APIS,
  ...ACCOUNTS,
  'carrier-tracking',
];

const templateSchema = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() })),
});

const functionSchema = z.object({
  Code: z.object({ S3Key: z.string() }),
  Environment: z.object({ Variables: z.object({ POWERTOOLS_SERVICE_NAME: z.string() }) }),
});

/** Outside the project, so that a bundle that still needs a package does not find it. */
const outdir = mkdtempSync(join(tmpdir(), 'waybill-bundles-'));
const app = createShopApp({ outdir, context: { env: 'dev' } });
/** Folders by the name of the function. */
const bundles = new Map<string, string>();

beforeAll(() => {
  for (const { template } of app.synth().stacks) {
    for (const { Type, Properties } of Object.values(templateSchema.parse(template).Resources)) {
      if (Type !== 'AWS::Lambda::Function') continue;
      const { Code, Environment } = functionSchema.parse(Properties);
      bundles.set(
        Environment.Variables.POWERTOOLS_SERVICE_NAME,
        join(outdir, `asset.${Code.S3Key.replace('.zip', '')}`),
      );
    }
  }
  for (const name of FUNCTIONS) process.stdout.write(`bundle ${name}: ${(bytesOf(name) / KB).toFixed(1)} KB\n`);
});

afterAll(() => rmSync(outdir, { recursive: true, force: true }));

function folderOf(name: string): string {
  const folder = bundles.get(name);
  if (folder === undefined) throw new Error(`no function is called '${name}', only ${[...bundles.keys()].join(', ')}`);
  return folder;
}

const fileOf = (name: string): string => join(folderOf(name), 'index.mjs');
const bytesOf = (name: string): number => statSync(fileOf(name)).size;

describe('the bundles', () => {
  it.each(['relay', 'sweeper'])('keep the %s within 400 KB, the SDK included', (name) => {
    expect(bytesOf(name)).toBeLessThanOrEqual(400 * KB);
  });

  it.each(CONSUMERS.filter((name) => !CALLERS.includes(name)))(
    'keep the consumer %s within 610 KB, the SDK included',
    (name) => {
      expect(bytesOf(name)).toBeLessThanOrEqual(610 * KB);
    },
  );

  it.each(CALLERS)('keep the consumer %s within 620 KB, its HTTP client included', (name) => {
    expect(bytesOf(name)).toBeLessThanOrEqual(620 * KB);
  });

  it.each(ACCOUNTS)('keep %s within 700 KB', (name) => {
    expect(bytesOf(name)).toBeLessThanOrEqual(700 * KB);
  });

  it.each(REBUILDS)('keep %s within 440 KB', (name) => {
    expect(bytesOf(name)).toBeLessThanOrEqual(440 * KB);
  });

  it.each(QUERIES)('keep %s within 375 KB', (name) => {
    expect(bytesOf(name)).toBeLessThanOrEqual(375 * KB);
  });

  it.each(FUNCTIONS)('are one module with a source map file: %s', (name) => {
    expect(readdirSync(folderOf(name))).toEqual(['index.mjs', 'index.mjs.map']);
  });

  it('are all measured here', () => {
    expect([...bundles.keys()].toSorted()).toStrictEqual(FUNCTIONS.toSorted());
  });

  it('start without installed packages, and export a handler', async () => {
    expect(await bundleLoadProblems(app)).toStrictEqual([]);
  });

  it('also start if orders are orchestrated', async () => {
    const orchestrated = createShopApp({ outdir, context: { env: 'dev', 'shop:fulfilment': 'orchestrated' } });
    orchestrated.synth();

    expect(await bundleLoadProblems(orchestrated)).toStrictEqual([]);
  });
});
