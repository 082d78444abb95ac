import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleOptions } from '../../../infra/bundles/bundle-content.ts';
import { type BundleResult, makeBundles } from '../../../infra/bundles/bundler.ts';

const SOURCES = {
  'package.json': '{"type":"module"}',
  'package-lock.json': '{}',
  'tsconfig.json': '{"extends":"./base"}',
  'base.json': '{"compilerOptions":{"target":"es2024"}}',
  'orders.ts': `
import { price, tax } from './shared/money.ts';
export const handler = async () => price(1) + tax;`,
  'billing.ts': `
import { price } from './shared/money.ts';
import { rate } from 'rates';
export const handler = async () => price(rate);`,
  'shared/money.ts': `
export const price = (amount: number): number => amount * 2;
export const tax = 'taken by orders alone';
export class Unused { readonly note = 'taken by nobody'; }`,
  'node_modules/rates/package.json': '{"name":"rates","type":"module","exports":{".":"./old.js","./new":"./new.js"}}',
  'node_modules/rates/old.js': 'export const rate = 41;',
  'node_modules/rates/new.js': 'export const rate = 43;',
};

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'waybill-bundler-')));
  for (const [path, content] of Object.entries(SOURCES)) write(path, content);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

const requestOf = (entry: string) => ({ entry: join(root, entry), root, options: bundleOptions({}) });
const bundleAll = (...entries: readonly string[]): readonly BundleResult[] => makeBundles(entries.map(requestOf));

const cacheFolder = () => join(root, 'node_modules/.cache/waybill/bundles');
const cached = () => readdirSync(cacheFolder()).toSorted();

function codeOf(result: BundleResult | undefined): string {
  if (result === undefined || 'problem' in result) throw new Error(`no bundle: ${JSON.stringify(result)}`);
  return Buffer.from(result.bundle.code).toString('utf8');
}

const problemOf = (result: BundleResult | undefined): string | undefined =>
  result !== undefined && 'problem' in result ? result.problem : undefined;

/** What esbuild's own command makes of one entry, as `NodejsFunction` calls it. */
function builtAlone(entry: string): string {
  const { banner, external, mainFields, conditions, target } = bundleOptions({});
  const outfile = join(root, 'alone/index.mjs');
  execFileSync(
    fileURLToPath(import.meta.resolve('esbuild/bin/esbuild')),
    [
      ...[
        '--bundle',
        join(root, entry),
        `--target=${target}`,
        '--platform=node',
        '--format=esm',
        `--outfile=${outfile}`,
      ],
      ...['--minify', '--sourcemap', '--sources-content=false', '--keep-names', `--banner:js=${banner.js}`],
      ...external.map((name) => `--external:${name}`),
      ...[`--main-fields=${mainFields.join(',')}`, `--conditions=${conditions.join(',')}`, '--log-level=error'],
    ],
    { cwd: root },
  );
  return readFileSync(outfile, 'utf8');
}

describe('the bundles of several functions', () => {
  it.each(['orders.ts', 'billing.ts'])('are those of a build of their own, byte for byte: %s', (entry) => {
    const [orders, billing] = bundleAll('orders.ts', 'billing.ts');

    expect(codeOf(entry === 'orders.ts' ? orders : billing)).toBe(builtAlone(entry));
  });

  it('have only what their own entry uses of a shared module', () => {
    const [orders, billing] = bundleAll('orders.ts', 'billing.ts');

    expect(codeOf(orders)).toContain('taken by orders alone');
    expect(codeOf(billing)).not.toContain('taken by orders alone');
    expect(codeOf(orders)).not.toContain('taken by nobody');
  });

  it('are told apart by their options', () => {
    const [plain, with41] = makeBundles([
      requestOf('billing.ts'),
      { ...requestOf('billing.ts'), options: { ...bundleOptions({}), external: ['rates'] } },
    ]);

    expect(codeOf(plain)).not.toContain('"rates"');
    expect(codeOf(with41)).toContain('"rates"');
  });

  it('name all that cannot be bundled, each with its errors, beside those that can', () => {
    write('shipping.ts', "import { nothing } from './shared/nowhere.ts';\nexport const handler = nothing;");
    write('returns.ts', 'export const handler = async () => {\n  const = 1;\n};');

    const [orders, shipping, returns] = bundleAll('orders.ts', 'shipping.ts', 'returns.ts');

    expect(codeOf(orders)).toContain('taken by orders alone');
    const project = `the project is '${root}', the folder of package-lock.json`;
    expect(problemOf(shipping)).toBe(`Could not resolve "./shared/nowhere.ts" (shipping.ts:1:25); ${project}`);
    expect(problemOf(returns)).toBe(`Expected identifier but found "=" (returns.ts:2:9); ${project}`);
  });
});

describe('the cache', () => {
  it('gives what was built before', () => {
    const [built] = bundleAll('orders.ts');
    const [file = ''] = cached();
    const form = readFileSync(join(cacheFolder(), file));
    // only the cache can know of this
    writeFileSync(
      join(cacheFolder(), file),
      Buffer.from(form).toString('latin1').replaceAll('taken by orders', 'TAKEN BY ORDERS'),
      'latin1',
    );

    const [again] = bundleAll('orders.ts');

    expect(codeOf(built)).toContain('taken by orders alone');
    expect(codeOf(again)).toContain('TAKEN BY ORDERS alone');
  });

  it.each([
    ['a module', 'shared/money.ts', 'export const price = () => 7001;\nexport const tax = 1;', '7001'],
    ['a package', 'node_modules/rates/old.js', 'export const rate = 7002;', '7002'],
    [
      "a package's description",
      'node_modules/rates/package.json',
      '{"name":"rates","type":"module","exports":{".":"./new.js"}}',
      '43',
    ],
  ])('builds again after a change of %s', (_, path, content, expected) => {
    expect(codeOf(bundleAll('billing.ts')[0])).not.toContain(expected);

    write(path, content);

    expect(codeOf(bundleAll('billing.ts')[0])).toContain(expected);
  });

  it('builds again after a change of a tsconfig that another one extends', () => {
    write(
      'orders.ts',
      `${SOURCES['orders.ts']}\nexport class Named { @mark() note = 1; }\nfunction mark() { return () => {}; }`,
    );
    write('base.json', '{"compilerOptions":{"experimentalDecorators":false}}');
    const [before] = bundleAll('orders.ts');

    write('base.json', '{"compilerOptions":{"experimentalDecorators":true}}');
    const [after] = bundleAll('orders.ts');

    expect(codeOf(after)).not.toBe(codeOf(before));
  });

  it('builds again after a module came that takes the place of another', () => {
    write('billing.ts', "import { price } from './shared/money';\nexport const handler = async () => price(1);");
    rmSync(join(root, 'shared/money.ts'));
    write('shared/money.js', 'export const price = () => 7003;');
    expect(codeOf(bundleAll('billing.ts')[0])).toContain('7003');

    write('shared/money.ts', 'export const price = () => 7004;');

    expect(codeOf(bundleAll('billing.ts')[0])).toContain('7004');
  });

  it('builds again what is stored in another form', () => {
    bundleAll('orders.ts');
    for (const name of cached()) writeFileSync(join(cacheFolder(), name), 'half a file');

    expect(codeOf(bundleAll('orders.ts')[0])).toContain('taken by orders alone');
  });

  it('is not kept for what cannot be bundled', () => {
    write('orders.ts', 'export const = 1;');

    expect(problemOf(bundleAll('orders.ts')[0])).toContain('orders.ts:1:14');
    expect(problemOf(bundleAll('orders.ts')[0])).toContain('orders.ts:1:14');
  });

  it('is in the temporary folder for a project without installed packages', () => {
    rmSync(join(root, 'node_modules'), { recursive: true });

    expect(codeOf(bundleAll('orders.ts')[0])).toBe(codeOf(bundleAll('orders.ts')[0]));
    expect(readdirSync(root)).not.toContain('node_modules');
  });
});
