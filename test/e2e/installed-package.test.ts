import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { packPackage, runIn, userEnvironment } from './packed-package.ts';
import { startProcess } from './start-waybill.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/adopt.md'), 'utf8');
const PACKAGE = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));

/** Each file of the page: its path, what it is, and its content. */
const FILE = /^`((?:src|lib|bin|test)\/[^`]+\.ts)`(?:[^\n]|\n(?!\n))*\n\n```ts\n(.*?)^```$/gms;
const JSON_FILE = /^```json\n(.*?)^```$/gms;

/** A team's app, written from the page. */
let app: string;

beforeAll(async () => {
  const tarball = await packPackage();
  app = mkdtempSync(join(tmpdir(), 'waybill-adopted-'));
  for (const [, path = '', content = ''] of PAGE.matchAll(FILE)) {
    mkdirSync(dirname(join(app, path)), { recursive: true });
    writeFileSync(join(app, path), content);
  }
  const [tsconfig, cdk] = [...PAGE.matchAll(JSON_FILE)].map(([, content = '']) => JSON.parse(content));
  writeFileSync(join(app, 'cdk.json'), JSON.stringify(cdk));
  // stricter than the page: the declarations of the package are checked, too
  const { compilerOptions } = tsconfig;
  writeFileSync(
    join(app, 'tsconfig.json'),
    JSON.stringify({ ...tsconfig, compilerOptions: { ...compilerOptions, skipLibCheck: false } }),
  );
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'web-shop', private: true, type: 'module' }));
  // what an app of CDK has already, and what the page installs
  const own = ['aws-cdk-lib', 'constructs', 'typescript'];
  const installed = [...PAGE.matchAll(/^npm install (?:--save-dev )?(.*)$/gm)].flatMap(([, names = '']) =>
    names.split(' '),
  );
  const versionOf = (name: string) => PACKAGE.devDependencies[name] ?? PACKAGE.dependencies[name];
  const pinned = [...own, ...installed].map((name) =>
    versionOf(name) === undefined ? name : `${name}@${versionOf(name)}`,
  );
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline'];
  await runIn(app, 'npm', 'install', ...quiet, tarball, ...pinned.filter((name) => name !== 'waybill'));
});

afterAll(() => {
  if (app !== undefined) rmSync(app, { recursive: true, force: true });
});

/** A tool of the app, on the app's own Node. */
const run = (tool: string, ...args: readonly string[]) => runIn(app, 'npm', 'exec', '--', tool, ...args);

describe('the installed package, in an app written from docs/adopt.md,', () => {
  it('has the files of the page', () => {
    expect([...PAGE.matchAll(FILE)].map(([, path]) => path)).toStrictEqual([
      'src/events.ts',
      'src/place-order.ts',
      'src/billing/subscription.ts',
      'src/billing/index.ts',
      'src/billing/handlers.ts',
      'src/mail/subscription.ts',
      'src/mail/index.ts',
      'src/checkout/saga.ts',
      'src/checkout/index.ts',
      'lib/shop-stack.ts',
      'bin/app.ts',
      'test/billing.test.ts',
    ]);
  });

  it('contains only the build', () => {
    const top = readdirSync(join(app, 'node_modules/waybill')).toSorted();

    expect(top).toStrictEqual(['LICENSE', 'README.md', 'cli', 'dist', 'package.json']);
    expect(readdirSync(join(app, 'node_modules/waybill/dist')).toSorted()).toStrictEqual([
      'cli',
      'functions',
      'infra',
      'lib',
      'local',
    ]);
  });

  it('type-checks under strict, with the declarations of the package', () =>
    expect(run('tsc', '--noEmit')).resolves.toBe(''));

  it('passes a harness test', async () => {
    expect(await run('vitest', 'run')).toMatch(/Tests .*1 passed/);
  });

  it.each(Object.keys(PACKAGE.exports).filter((face) => face !== './package.json'))('exports %s', async (face) => {
    const script = `console.log(Object.keys(await import('waybill${face.slice(1)}')).length > 0)`;

    expect((await run('node', '--input-type=module', '--eval', script)).trim()).toBe('true');
  });

  it.each(['waybill/dist/lib/index.js', 'waybill/lib/index.ts', 'waybill/outbox/outbox'])(
    'does not export the internal module %s',
    async (path) => {
      const script = `await import('${path}').catch(({ code }) => console.log(code))`;

      expect((await run('node', '--input-type=module', '--eval', script)).trim()).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED');
    },
  );

  it('synthesizes without cdk-nag findings', async () => {
    await run('cdk', 'synth', '--quiet', '--output', 'cdk.out');

    // a finding that nobody acknowledged would stand here, and fail the synth
    const report = JSON.parse(readFileSync(join(app, 'cdk.out/validation-report.json'), 'utf8'));
    expect(PAGE).toContain('addPlugins(new AwsSolutionsChecks(app))');
    expect(report.pluginReports).toStrictEqual([]);
  });

  it('runs on the local engines: an existing function publishes, a saga and two consumers handle', async () => {
    const command = join(app, 'node_modules/.bin/waybill');
    const options = { cwd: app, env: userEnvironment() };
    const started = startProcess(command, ['start', 'cdk.out', '--logs', 'mail'], options);
    try {
      await started.said(/stays up until/);
      const endpoint = /Endpoint (http:\S+),/.exec(started.stdout())?.[1] ?? '';
      const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
      const lambda = new LambdaClient({ endpoint, region: 'us-east-1', credentials });
      const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
      const name = Functions.map(({ FunctionName }) => FunctionName).find((each) => each?.includes('PlaceOrder'));

      const answer = await lambda.send(
        new InvokeCommand({ FunctionName: name, Payload: JSON.stringify({ orderId: '1', totalPence: 500 }) }),
      );

      expect(JSON.parse(answer.Payload?.transformToString() ?? '')).toStrictEqual({ orderId: '1' });
      await eventually(() => expect(started.stdout()).toMatch(/order 1 is placed.*order 1 is paid/s));
      lambda.destroy();
    } finally {
      started.kill('SIGINT');
    }
    expect(await started.ended).toBe(130);
  });
});
