import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WaybillFunction } from '../../../infra/constructs/waybill-function.ts';
import { featureFlags } from '../../../infra/feature-flags.ts';
import { settingsWith } from '../test-stack.ts';

let root: string;
let outdir: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'waybill-code-')));
  outdir = join(root, 'cdk.out');
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'orders.ts'), "export const handler = async () => 'orders';");
  writeFileSync(join(root, 'billing.ts'), "export const handler = async () => 'billing';");
  writeFileSync(join(root, 'broken.ts'), "import { no } from './nowhere.ts';\nexport const handler = no;");
  writeFileSync(join(root, 'worse.ts'), 'export const = 1;');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const createApp = (context: object = {}): App => new App({ outdir, context: { ...featureFlags(), ...context } });

const addFunction = (scope: Stack, id: string, file: string): WaybillFunction =>
  new WaybillFunction(scope, id, { entry: join(root, file), serviceName: 'orders', settings: settingsWith() });

interface FunctionResource {
  readonly Type: string;
  readonly Properties: { readonly Code: { readonly S3Key: string } };
  readonly Metadata: Readonly<Record<string, string>>;
}

function functionsIn(template: { readonly Resources: Readonly<Record<string, FunctionResource>> }): FunctionResource[] {
  return Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
}

const assetOf = ({ Properties }: FunctionResource): string => `asset.${Properties.Code.S3Key.replace('.zip', '')}`;

describe('the code of a function', () => {
  it('is the asset of its own bundle, also in the stacks of a stage', () => {
    const app = createApp({ 'aws:cdk:enable-asset-metadata': true });
    addFunction(new Stack(app, 'Orders'), 'Orders', 'orders.ts');
    addFunction(new Stack(new Stage(app, 'Later'), 'Billing'), 'Billing', 'billing.ts');

    const assembly = app.synth();

    const [orders] = functionsIn(assembly.getStackByName('Orders').template);
    const [billing] = functionsIn(assembly.getNestedAssembly('assembly-Later').stacks[0]?.template);
    if (orders === undefined || billing === undefined) throw new Error('both stacks have a function');
    expect(readFileSync(join(outdir, assetOf(orders), 'index.mjs'), 'utf8')).toContain('"orders"');
    expect(readFileSync(join(outdir, assetOf(billing), 'index.mjs'), 'utf8')).toContain('"billing"');
    // hot swaps find the code by it
    expect(orders.Metadata).toMatchObject({ 'aws:asset:path': assetOf(orders), 'aws:asset:property': 'Code' });
  });

  it('has the same hash as long as the bundle is the same, so that nothing is deployed again', () => {
    const keyOf = (changed: string) => {
      writeFileSync(join(root, 'orders.ts'), changed);
      const app = createApp();
      addFunction(new Stack(app, 'Orders'), 'Orders', 'orders.ts');
      return functionsIn(app.synth().getStackByName('Orders').template).map(assetOf);
    };

    const first = keyOf("export const handler = async () => 'orders';");

    expect(keyOf("// a comment\nexport const handler = async () => 'orders';")).not.toStrictEqual([]);
    expect(keyOf("export const handler = async () => 'orders';")).toStrictEqual(first);
    expect(keyOf("export const handler = async () => 'others';")).not.toStrictEqual(first);
  });

  it('can be asked for before the synthesis', () => {
    const app = createApp();
    const stack = new Stack(app, 'Orders');
    const orders = addFunction(stack, 'Orders', 'orders.ts');
    stack.resolve(orders.currentVersion.functionArn);
    addFunction(stack, 'Billing', 'billing.ts');

    const assets = functionsIn(app.synth().getStackByName('Orders').template).map(assetOf);

    expect(assets.map((asset) => existsSync(join(outdir, asset, 'index.mjs')))).toStrictEqual([true, true]);
  });

  it('fails the synthesis with every function that cannot be bundled, its entry and the cause', () => {
    const app = createApp();
    const stack = new Stack(app, 'Orders');
    addFunction(stack, 'Broken', 'broken.ts');
    addFunction(stack, 'Orders', 'orders.ts');
    addFunction(stack, 'Worse', 'worse.ts');

    expect(() => app.synth()).toThrow(
      `[Orders/Broken] function 'Orders/Broken' cannot be bundled: entry '${root}/broken.ts': Could not resolve "./nowhere.ts" (broken.ts:1:20); the project is '${root}', the folder of package.json\n` +
        `  [Orders/Worse] function 'Orders/Worse' cannot be bundled: entry '${root}/worse.ts': Expected identifier but found "=" (worse.ts:1:14); the project is '${root}', the folder of package.json`,
    );
  });

  it('is not built for stacks that need no bundles', () => {
    const app = createApp({ 'aws:cdk:bundling-stacks': ['Billing'] });
    addFunction(new Stack(app, 'Orders'), 'Broken', 'broken.ts');
    addFunction(new Stack(app, 'Billing'), 'Billing', 'billing.ts');

    app.synth();

    expect(readdirSync(outdir).filter((name) => name.startsWith('asset.'))).toHaveLength(1);
  });
});
