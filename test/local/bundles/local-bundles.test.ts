import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleOptions } from '../../../infra/bundles/bundle-content.ts';
import { createLocalBundles, type LocalBundles } from '../../../local/bundles/local-bundles.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../../local/temporary-folder.ts';

let folder: TemporaryFolder;
let project: string;
let bundles: LocalBundles;

beforeEach(() => {
  folder = createTemporaryFolder();
  project = realpathSync(folder.path);
  write('package.json', '{"type":"module"}');
  write('shared.ts', "export const total = (n: number): string => 'total ' + n;\nexport const orders = 'orders';");
  write('orders.ts', "import { total } from './shared.ts';\nexport const handler = async () => total(1);");
  write('billing.ts', "import { total } from './shared.ts';\nexport const handler = async () => total(2);");
  bundles = createLocalBundles(join(project, 'code'));
});

afterEach(async () => {
  await bundles[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

function write(path: string, content: string): void {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), content);
}

/** What the app writes for the local run. */
function writeAssembly(name: string, ...files: readonly string[]): string {
  for (const file of files) {
    const request = {
      entry: join(project, file),
      root: project,
      options: bundleOptions({}),
      functionPath: `Shop/${file}`,
    };
    write(`${name}/asset.${file.replace('.ts', '')}/waybill-bundle.json`, JSON.stringify(request));
  }
  return join(project, name);
}

/** In a process of its own, as a cold start. */
function call(codeFolder: string): unknown {
  const script = `console.log(JSON.stringify(await (await import('${pathToFileURL(join(codeFolder, 'index.mjs'))}')).handler()))`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }));
}

const assetOf = (name: string, file: string): string => realpathSync(join(project, name, `asset.${file}`));

describe('the bundles of a local run', () => {
  it('are put into the assembly, and share code that can be read', async () => {
    await bundles.place('shop', writeAssembly('first', 'orders.ts', 'billing.ts'));

    expect(call(assetOf('first', 'orders'))).toBe('total 1');
    expect(call(assetOf('first', 'billing'))).toBe('total 2');
    const code = readFileSync(join(assetOf('first', 'orders'), 'index.mjs'), 'utf8');
    expect(code).toMatch(/from "\.\.\/chunks\//);
    expect(code).toContain('handler');
  });

  it('show stack traces with positions in the sources, of shared code and of their own', async () => {
    write('shared.ts', '\n\nexport const stackOf = () =>\n  new Error().stack;');
    write('orders.ts', "import { stackOf } from './shared.ts';\n\nexport const handler = async () =>\n  stackOf();");
    write('billing.ts', "import { stackOf } from './shared.ts';\nexport const handler = async () => stackOf();");
    await bundles.place('shop', writeAssembly('first', 'orders.ts', 'billing.ts'));

    const [, shared, own] = String(call(assetOf('first', 'orders'))).split('\n');
    expect(shared).toContain(`${join(project, 'shared.ts')}:4:3`);
    expect(own).toContain(`${join(project, 'orders.ts')}:4:3`);
  });

  it('change only where the code of a function has changed', async () => {
    await bundles.place('shop', writeAssembly('first', 'orders.ts', 'billing.ts'));
    const [orders, billing] = [assetOf('first', 'orders'), assetOf('first', 'billing')];

    write('orders.ts', "import { total } from './shared.ts';\nexport const handler = async () => total(3);");
    await bundles.rebuild();

    expect(bundles.newest(billing)).toBe(billing);
    expect(call(bundles.newest(orders) ?? '')).toBe('total 3');
    // what runs goes on with the old code
    expect(call(orders)).toBe('total 1');
  });

  it('change for each function that a shared module is part of', async () => {
    await bundles.place('shop', writeAssembly('first', 'orders.ts', 'billing.ts'));

    write('shared.ts', "export const total = (n: number): string => 'sum ' + n;");
    await bundles.rebuild();

    expect(call(bundles.newest(assetOf('first', 'orders')) ?? '')).toBe('sum 1');
    expect(call(bundles.newest(assetOf('first', 'billing')) ?? '')).toBe('sum 2');
  });

  it('stay as they are while a source cannot be bundled, which is told by function, entry and place', async () => {
    await bundles.place('shop', writeAssembly('first', 'orders.ts', 'billing.ts'));
    const orders = assetOf('first', 'orders');

    write('orders.ts', 'export const handler = async () => {;');
    await expect(bundles.rebuild()).rejects.toMatchObject({
      code: 'LOCAL_BUNDLING_FAILED',
      message: expect.stringMatching(
        /^function 'Shop\/orders.ts' cannot be bundled: entry 'orders.ts': .* \(orders.ts:1:\d+\); the project is '.*', the folder of package.*json$/,
      ),
    });
    expect(bundles.newest(orders)).toBe(orders);

    write('orders.ts', "export const handler = async () => 'mended';");
    await bundles.rebuild();
    expect(call(bundles.newest(orders) ?? '')).toBe('mended');
  });

  it('follow a newer assembly, and leave it where it cannot be bundled', async () => {
    await bundles.place('shop', writeAssembly('first', 'orders.ts'));
    write('broken.ts', "import './nowhere.ts';");

    await expect(bundles.place('shop', writeAssembly('second', 'orders.ts', 'broken.ts'))).rejects.toMatchObject({
      message: `function 'Shop/broken.ts' cannot be bundled: entry 'broken.ts': Could not resolve "./nowhere.ts" (broken.ts:1:8); the project is '${project}', the folder of package.json`,
    });
    await bundles.rebuild();
    await bundles.place('shop', writeAssembly('third', 'orders.ts', 'billing.ts'));

    expect(call(assetOf('third', 'billing'))).toBe('total 2');
    expect(bundles.has(join(project, 'billing.ts'))).toBe(true);
    expect(bundles.has(join(project, 'broken.ts'))).toBe(false);
  });

  it('are those of several apps', async () => {
    await bundles.place('hub', writeAssembly('first', 'orders.ts'));
    await bundles.place('shop', writeAssembly('second', 'billing.ts'));

    expect(call(assetOf('first', 'orders'))).toBe('total 1');
    expect(call(assetOf('second', 'billing'))).toBe('total 2');
    expect(bundles.newest('/elsewhere/orders')).toBeUndefined();
  });

  it.each([
    [
      'finds require, __filename and __dirname',
      'export const handler = async () => [typeof require, typeof __filename, typeof __dirname];',
    ],
    [
      'may have names of its own for them',
      `import { createRequire as make } from 'node:module';
       const require = make(import.meta.url), __filename = 'own';
       const { __dirname } = { __dirname: 'own' };
       export const handler = async () => [typeof require, typeof __filename, typeof __dirname];`,
    ],
    [
      'may import them',
      `import { createRequire as require, builtinModules as __filename } from 'node:module';
       import { sep as __dirname } from 'node:path';
       export const handler = async () => [typeof require, typeof __filename === 'object' ? 'string' : '', typeof __dirname];`,
    ],
  ])('have modules as CommonJS expects them: a module %s', async (_, source) => {
    write('orders.ts', source);

    await bundles.place('shop', writeAssembly('first', 'orders.ts'));

    expect(call(assetOf('first', 'orders'))).toStrictEqual(['function', 'string', 'string']);
  });
});
