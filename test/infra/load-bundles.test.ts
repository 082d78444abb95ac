import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { afterAll, describe, expect, it } from 'vitest';
import { EventConsumer } from '../../infra/constructs/event-consumer.ts';
import { renderedProperties } from '../../infra/constructs/rendered.ts';
import { WaybillFunction, type WaybillFunctionProps } from '../../infra/constructs/waybill-function.ts';
import { featureFlags } from '../../infra/feature-flags.ts';
import { bundleLoadProblems } from '../../infra/load-bundles.ts';
import { defineSubscription, type EventDefinition, type SubscriptionProps } from '../../lib/definitions/index.ts';
import { handler as namesBeforeBundling } from '../fixtures/bundles/names.ts';
import { Audited, Deposited } from '../fixtures/events.ts';
import { createHub, settingsWith } from './test-stack.ts';

/** Outside the project, so that a bundle that still needs a package does not find it. */
const outdir = mkdtempSync(join(tmpdir(), 'waybill-load-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

interface Bundled {
  readonly app: App;
  readonly file: string;
}

function bundle(name: string, props: Partial<WaybillFunctionProps> = {}, context: object = {}): Bundled {
  const app = new App({ outdir, context: { ...featureFlags(), ...context } });
  const bundled = new WaybillFunction(new Stack(app, 'Test'), 'Rates', {
    entry: `test/fixtures/bundles/${name}.ts`,
    serviceName: 'rates',
    settings: settingsWith(),
    ...props,
  });
  app.synth();
  const { defaultChild } = bundled.node;
  if (!CfnResource.isCfnResource(defaultChild)) throw new TypeError('a function is a resource');
  const { Code } = renderedProperties(defaultChild);
  const key = (Code as { readonly S3Key: string }).S3Key;
  return { app, file: join(outdir, `asset.${key.replace('.zip', '')}`, 'index.mjs') };
}

/** Of a consumer whose construct has this subscription, and whose code has that of `banking`. */
async function problemsOfConsumer(
  props: SubscriptionProps<string, readonly EventDefinition[]>,
): Promise<readonly string[]> {
  const app = new App({ outdir, context: featureFlags() });
  const stack = new Stack(app, 'Test');
  const hub = createHub(stack);
  const subscription = defineSubscription(props);
  hub.registerProducer(stack, subscription.events);
  const entry = 'test/fixtures/bundles/banking-consumer.ts';
  const consumer = new EventConsumer(stack, 'Savings', { hub, subscription, entry });
  app.synth();
  const problems = await bundleLoadProblems(app);
  return problems.filter((problem) => problem.includes(consumer.node.path));
}

/** In a process of its own: the test runner gives its modules a `require`, and Lambda does not. */
function call({ file }: Bundled): unknown {
  const script = `import { handler } from '${pathToFileURL(file)}'; console.log(JSON.stringify(await handler()))`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }));
}

describe('a bundle', () => {
  it('runs a CommonJS package that requires a Node built-in', () => {
    expect(call(bundle('commonjs'))).toBe('c87651accba90176735a4bb21f954c4d90cd4be5f0');
  });

  it('gives a CommonJS module its __filename and __dirname', () => {
    const bundled = bundle('paths');

    expect(call(bundled)).toStrictEqual({ file: bundled.file, folder: join(bundled.file, '..') });
  });

  it('keeps a module that a function imports for its side effect alone', () => {
    expect(call(bundle('side-effect'))).toBe(true);
  });

  it("does not clash with a module's own require, __filename and __dirname", () => {
    expect(call(bundle('own-require'))).toStrictEqual({ resolves: 'function', isBesideItself: true });
  });

  it('finds an error by the name of its class in permanentErrors, as a unit test does', async () => {
    const expected = { code: 'CardDeclined', permanent: true };

    expect(await namesBeforeBundling()).toStrictEqual(expected);
    expect(call(bundle('names'))).toStrictEqual(expected);
  });

  it('includes clients that can read event streams', () => {
    expect(call(bundle('event-streams'))).toBe('function');
  });

  it('includes an otherwise excluded package if the function requests it', () => {
    expect(call(bundle('left-out', { alsoBundle: ['@aws-sdk/nested-clients'] }))).toBe('function');
  });
});

describe('bundleLoadProblems', () => {
  it('finds nothing wrong with a bundle that exports its handler', async () => {
    const { app } = bundle('broken', { environment: { RATES_URL: 'https://rates.example' } });

    expect(await bundleLoadProblems(app)).toStrictEqual([]);
  });

  it.each([
    ['broken', 'fails when it is loaded: Error: RATES_URL is missing'],
    ['no-handler', 'exports handler as undefined: export const handler = async (event, context) => …'],
    ['ending', 'ends its process: rates: giving up'],
    [
      'left-out',
      "fails when it is loaded: Error: Cannot find package '@aws-sdk/nested-clients' imported from INDEX; bundles leave that package out: set alsoBundle: ['@aws-sdk/nested-clients']",
    ],
  ])('names function, entry and cause of a bundle that cannot be started: %s', async (name, cause) => {
    const { app, file } = bundle(name);

    expect(await bundleLoadProblems(app)).toStrictEqual([
      `function 'Test/Rates' cannot be started: its bundle of 'test/fixtures/bundles/${name}.ts' ${cause.replace('INDEX', file)}`,
    ]);
  });

  it('names the prop that excludes event streams from a bundle that needs them', async () => {
    const { app } = bundle('event-streams', { eventStreams: false });

    expect(await bundleLoadProblems(app)).toStrictEqual([
      expect.stringMatching(
        /^function 'Test\/Rates' cannot be started: .*'@smithy\/core' .*; eventStreams is false here: leave it out, or set it to true$/,
      ),
    ]);
  });

  it('names both consumers if a construct has the entry of another one', async () => {
    expect(await problemsOfConsumer({ name: 'savings', events: [Deposited] })).toStrictEqual([
      "function 'Test/Savings/Function' cannot be started: its bundle of 'test/fixtures/bundles/banking-consumer.ts' fails when it is loaded: CONSUMER_WIRING: the construct declares consumer 'savings', but its code serves subscription 'banking': give the construct the entry of 'savings', or both the same subscription",
    ]);
  });

  it('lists the differences if construct and entry have different subscriptions with the same name', async () => {
    expect(await problemsOfConsumer({ name: 'banking', events: [Deposited, Audited] })).toStrictEqual([
      expect.stringMatching(
        /'Test\/Savings\/Function' .* the construct takes 'com.example.audit.noted' from '\/audit' and/,
      ),
    ]);
    expect(await problemsOfConsumer({ name: 'banking', events: [Deposited] })).toStrictEqual([]);
  });

  it('passes a stack that was not bundled', async () => {
    const { app } = bundle('broken', {}, { 'aws:cdk:bundling-stacks': [] });

    expect(await bundleLoadProblems(app)).toStrictEqual([]);
  });

  it.each(['false', false])('loads nothing if the context says loadBundles=%o', async (loadBundles) => {
    const { app } = bundle('broken', {}, { loadBundles });

    expect(await bundleLoadProblems(app)).toStrictEqual([]);
  });

  it('rejects a request to bundle a package that is bundled anyway', () => {
    expect(() => bundle('commonjs', { alsoBundle: ['constructs'] })).toThrow(
      expect.objectContaining({
        code: 'WIRING_INVALID',
        message: expect.stringContaining(
          "alsoBundle must name packages that bundles leave out, got 'constructs': every other package is bundled anyway; choose from @aws-sdk/credential-provider-http, ",
        ),
      }),
    );
  });
});
