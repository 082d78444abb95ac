import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createApp } from '../../infra/create-app.ts';

const KB = 1024;

const PROJECTIONS = ['order-overview', 'revenue-by-day'];
const CONSUMERS = [
  ...['orders', 'payments', 'inventory', 'shipping', 'notifications'],
  ...['catalog', 'customers', 'order-links', 'credit-notes'],
  ...PROJECTIONS,
];
/** They carry the scans and deletes, and neither inbox nor SQS. */
const REBUILDS = PROJECTIONS.map((name) => `${name}-rebuild`);
const QUERIES = PROJECTIONS.map((name) => `${name}-query`);
const COMMANDS = ['place-order', 'cancel-order', 'receive-stock', 'change-product', 'find-links'];
const FUNCTIONS = ['relay', 'sweeper', ...COMMANDS, ...CONSUMERS, ...REBUILDS, ...QUERIES];

const templateSchema = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() })),
});

const functionSchema = z.object({
  Code: z.object({ S3Key: z.string() }),
  Environment: z.object({ Variables: z.object({ POWERTOOLS_SERVICE_NAME: z.string() }).catchall(z.unknown()) }),
});

interface Bundle {
  readonly folder: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Outside the project, so that a bundle that still needs a package does not find it. */
const outdir = mkdtempSync(join(tmpdir(), 'waybill-bundles-'));
const bundles = new Map<string, Bundle>();

beforeAll(() => {
  for (const { template } of createApp({ outdir, context: { env: 'dev' } }).synth().stacks) {
    for (const { Type, Properties } of Object.values(templateSchema.parse(template).Resources)) {
      if (Type !== 'AWS::Lambda::Function') continue;
      const { Code, Environment } = functionSchema.parse(Properties);
      bundles.set(Environment.Variables.POWERTOOLS_SERVICE_NAME, {
        folder: join(outdir, `asset.${Code.S3Key.replace('.zip', '')}`),
        variables: Environment.Variables,
      });
    }
  }
  for (const name of FUNCTIONS) process.stdout.write(`bundle ${name}: ${(bytesOf(name) / KB).toFixed(1)} KB\n`);
});

afterAll(() => rmSync(outdir, { recursive: true, force: true }));

function bundleOf(name: string): Bundle {
  const bundle = bundles.get(name);
  if (bundle === undefined) throw new Error(`no function is called '${name}', only ${[...bundles.keys()].join(', ')}`);
  return bundle;
}

const fileOf = (name: string): string => join(bundleOf(name).folder, 'index.mjs');
const bytesOf = (name: string): number => statSync(fileOf(name)).size;

describe('the bundles', () => {
  it.each(['relay', 'sweeper'])('keep the %s within 320 KB, the SDK included', (name) => {
    expect(bytesOf(name)).toBeLessThanOrEqual(320 * KB);
  });

  it.each(CONSUMERS)('keep the consumer %s within 450 KB, the SDK included', (name) => {
    expect(bytesOf(name)).toBeLessThanOrEqual(450 * KB);
  });

  it.each(REBUILDS)('keep %s within 440 KB', (name) => {
    expect(bytesOf(name)).toBeLessThanOrEqual(440 * KB);
  });

  it.each(QUERIES)('keep %s within 375 KB', (name) => {
    expect(bytesOf(name)).toBeLessThanOrEqual(375 * KB);
  });

  it.each(FUNCTIONS)('are one module with its source map beside: %s', (name) => {
    expect(readdirSync(bundleOf(name).folder)).toEqual(['index.mjs', 'index.mjs.map']);
  });

  it.each(FUNCTIONS)('start with nothing installed around them: %s', (name) => {
    // what only the deployment knows is a reference in the template
    const variables = Object.entries(bundleOf(name).variables).map(([variable, value]) => [
      variable,
      typeof value === 'string' ? value : '1',
    ]);
    const credentials = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };
    const script = `import { handler } from '${pathToFileURL(fileOf(name))}'; console.log(typeof handler)`;

    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      env: { ...Object.fromEntries(variables), ...credentials, NODE_OPTIONS: '', POWERTOOLS_LOG_LEVEL: 'SILENT' },
      encoding: 'utf8',
    });

    expect(output).toBe('function\n');
  });
});
