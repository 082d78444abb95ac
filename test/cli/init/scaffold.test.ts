import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeScaffold } from '../../../cli/init/scaffold.ts';

const ROOT = join(import.meta.dirname, '../../..');

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const own = readJson(join(ROOT, 'package.json'));

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'waybill-init-'));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const init = (name: string, packageFile?: string) => writeScaffold({ name, packageFile }, parent);
const everythingIn = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' });
const refusal = (message: unknown) => expect.objectContaining({ code: 'INIT_REFUSED', message });

describe('the project that init writes', () => {
  it('is a package with the versions that Waybill is tested with', () => {
    init('orders');

    const { name, dependencies, devDependencies } = readJson(join(parent, 'orders/package.json'));
    expect(name).toBe('orders');
    expect(dependencies).toStrictEqual({ waybill: own.version, zod: own.dependencies.zod });
    expect(devDependencies).toStrictEqual({
      '@types/node': own.dependencies['@types/node'],
      'aws-cdk': own.devDependencies['aws-cdk'],
      'aws-cdk-lib': own.devDependencies['aws-cdk-lib'],
      'cdk-nag': own.devDependencies['cdk-nag'],
      constructs: own.devDependencies.constructs,
      esbuild: own.dependencies.esbuild,
      typescript: own.devDependencies.typescript,
      vitest: own.devDependencies.vitest,
    });
  });

  it('has the CDK feature flags that Waybill is tested with', () => {
    init('orders');

    expect(readJson(join(parent, 'orders/cdk.json')).context).toStrictEqual(readJson(join(ROOT, 'cdk.json')).context);
  });

  it('has the project name in its package, its stacks and its README, and has no placeholders left', () => {
    const { files } = init('tea-shop');

    const texts = files.map((file) => [file, readFileSync(join(parent, 'tea-shop', file), 'utf8')] as const);
    expect(texts.filter(([, text]) => text.includes('tea-shop')).map(([file]) => file)).toStrictEqual([
      'README.md',
      'infra/app.ts',
      'package.json',
    ]);
    expect(texts.filter(([, text]) => /__\w/.test(text))).toStrictEqual([]);
    expect(files).toContain('.gitignore');
  });

  it('has workflows that run only scripts of the package', () => {
    const { files } = init('orders');
    const { scripts } = readJson(join(parent, 'orders/package.json'));

    const run = files
      .filter((file) => file.startsWith('.github/workflows/'))
      .flatMap((file) => [
        ...readFileSync(join(parent, 'orders', file), 'utf8').matchAll(/npm (?:run )?(?:--silent )?([\w:-]+)/g),
      ])
      .map(([, word = '']) => word)
      .filter((word) => word !== 'ci');
    expect([...new Set(run)].toSorted()).toStrictEqual(['check:types', 'deploy', 'diff', 'synth', 'test']);
    expect(Object.keys(scripts)).toStrictEqual(expect.arrayContaining(run));
  });

  it('installs Waybill from a file if one is given', () => {
    const file = join(parent, 'waybill-0.1.0.tgz');
    writeFileSync(file, '');

    init('orders', file);

    expect(readJson(join(parent, 'orders/package.json')).dependencies.waybill).toBe('file:../waybill-0.1.0.tgz');
  });

  it('can be written into a folder that contains only its Git repository', () => {
    mkdirSync(join(parent, 'orders/.git'), { recursive: true });

    expect(init('orders').files).toContain('package.json');
  });
});

describe('init', () => {
  it('refuses a folder that is not empty, and writes nothing into it', () => {
    mkdirSync(join(parent, 'orders'));
    writeFileSync(join(parent, 'orders/notes.txt'), 'mine');

    expect(() => init('orders')).toThrow(
      refusal(
        `the folder '${join(parent, 'orders')}' is not empty, it has notes.txt: choose another name, or empty it; nothing was written`,
      ),
    );

    expect(everythingIn(join(parent, 'orders'))).toStrictEqual(['notes.txt']);
  });

  it('refuses the name of an existing file', () => {
    writeFileSync(join(parent, 'orders'), 'mine');

    expect(() => init('orders')).toThrow(
      refusal(`'${join(parent, 'orders')}' is a file: choose another name, or move the file away`),
    );

    expect(readFileSync(join(parent, 'orders'), 'utf8')).toBe('mine');
  });

  it.each(['waybill', 'zod', 'vitest'])(
    'refuses the project name %s, because the project installs that package',
    (name) => {
      expect(() => init(name)).toThrow(
        refusal(`the project cannot be called '${name}', since it installs the package of that name`),
      );

      expect(everythingIn(parent)).toStrictEqual([]);
    },
  );

  it('refuses a package path that is not a file, and writes nothing', () => {
    expect(() => init('orders', 'no-such.tgz')).toThrow(
      refusal("--package must name a file that npm pack made, and there is none 'no-such.tgz'"),
    );

    expect(everythingIn(parent)).toStrictEqual([]);
  });
});
