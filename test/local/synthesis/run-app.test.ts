import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runApp } from '../../../local/synthesis/run-app.ts';
import { synthesize } from '../../../local/synthesis/synthesize.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../../local/temporary-folder.ts';

const NODE_MODULES = join(import.meta.dirname, '../../../node_modules');

const APP = `
import { Annotations, App, CfnOutput, Stack, Stage } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { names } from './names.mjs';
const app = new App();
const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
const env = app.node.tryGetContext('env');
if (env === 'broken') throw new Error('no such environment');
const stack = new Stack(app, names.stack, { env: { account, region } });
new Topic(stack, 'Topic');
for (const key of ['env', 'fromCdkJson', 'found', 'large']) {
  new CfnOutput(stack, key, { value: String(app.node.tryGetContext(key)).slice(0, 20) });
}
const nested = new Stack(new Stage(app, 'Stage'), 'Nested');
if (env === 'refused') Annotations.of(nested).addError('needs a name');
if (env === 'looking') StringParameter.valueFromLookup(stack, '/waybill/prod/hub');
`;

let folder: TemporaryFolder;

beforeAll(() => {
  folder = createTemporaryFolder();
  const files = {
    'cdk.json': JSON.stringify({
      app: 'node app.mjs',
      context: { fromCdkJson: 'yes', env: 'cdk.json', found: 'first' },
    }),
    'cdk.context.json': JSON.stringify({ found: 'second', large: 'x'.repeat(200_000) }),
    'app.mjs': APP,
    'names.mjs': "export const names = { stack: 'Only' };",
    'other.mjs': '',
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder.path, name), content);
  symlinkSync(NODE_MODULES, join(folder.path, 'node_modules'));
});

afterAll(() => folder[Symbol.dispose]());

const run = (env: string, more: Partial<Parameters<typeof runApp>[0]> = {}) =>
  runApp({ projectFolder: folder.path, outputFolder: join(folder.path, `out-${env}`), context: { env }, ...more });

const readOutput = (env: string, file: string): unknown =>
  JSON.parse(readFileSync(join(folder.path, `out-${env}`, file), 'utf8'));

describe('runApp', () => {
  it('writes what cdk synth writes', async () => {
    await run('dev', { place: { accountId: '111122223333', region: 'eu-west-1' } });
    await synthesize({
      projectFolder: folder.path,
      outputFolder: join(folder.path, 'out-cli'),
      context: { env: 'dev' },
      place: { accountId: '111122223333', region: 'eu-west-1' },
    });

    expect(readOutput('dev', 'Only.template.json')).toStrictEqual(readOutput('cli', 'Only.template.json'));
    expect(readOutput('dev', 'Only.template.json')).toMatchObject({
      Outputs: {
        env: { Value: 'dev' },
        fromCdkJson: { Value: 'yes' },
        found: { Value: 'first' },
        large: { Value: 'xxxxxxxxxxxxxxxxxxxx' },
      },
    });
  });

  it('tells which files the app is made of', async () => {
    const modules = await run('modules');

    expect(['app.mjs', 'names.mjs', 'other.mjs'].map((name) => modules.has(join(folder.path, name)))).toStrictEqual([
      true,
      true,
      false,
    ]);
  });

  it("rejects with the app's own words when it fails", async () => {
    await expect(run('broken')).rejects.toMatchObject({
      code: 'LOCAL_SYNTHESIS_FAILED',
      message: expect.stringMatching(/^'node app.mjs' failed, it ended with 1:\n.*no such environment/s),
    });
  });

  it('rejects errors that constructs report, also in a stage', async () => {
    await expect(run('refused')).rejects.toMatchObject({
      code: 'LOCAL_SYNTHESIS_FAILED',
      message: 'the app cannot be deployed:\n[Error at /Stage/Nested] needs a name',
    });
  });

  it('rejects a lookup that nothing answers, and says which app to start first', async () => {
    await expect(run('looking')).rejects.toMatchObject({
      code: 'LOCAL_SYNTHESIS_FAILED',
      message: expect.stringMatching(
        /^the app cannot be deployed:\nMissing context keys: 'ssm:.*\/waybill\/prod\/hub.*start the app that deploys it first/s,
      ),
    });
  });

  it('runs the build of cdk.json first', async () => {
    using project = createTemporaryFolder();
    mkdirSync(join(project.path, 'src'));
    writeFileSync(join(project.path, 'src/app.mjs'), APP);
    writeFileSync(join(project.path, 'src/names.mjs'), "export const names = { stack: 'Built' };");
    writeFileSync(join(project.path, 'cdk.json'), '{"app":"node app.mjs","build":"cp src/* ."}');
    symlinkSync(NODE_MODULES, join(project.path, 'node_modules'));

    await runApp({ projectFolder: project.path, outputFolder: join(project.path, 'out') });

    expect(readFileSync(join(project.path, 'out/Built.template.json'), 'utf8')).toContain('AWS::SNS::Topic');
  });

  it('leaves an app that is a file to the CLI, which finds what runs it', async () => {
    using project = createTemporaryFolder();
    writeFileSync(join(project.path, 'app.mjs'), APP);
    writeFileSync(join(project.path, 'names.mjs'), "export const names = { stack: 'File' };");
    writeFileSync(join(project.path, 'start.js'), "import('./app.mjs');");
    writeFileSync(join(project.path, 'cdk.json'), '{"app":"start.js"}');
    symlinkSync(NODE_MODULES, join(project.path, 'node_modules'));

    await runApp({ projectFolder: project.path, outputFolder: join(project.path, 'out') });

    expect(readFileSync(join(project.path, 'out/File.template.json'), 'utf8')).toContain('AWS::SNS::Topic');
  });

  it('rejects a cdk.json that is no JSON', async () => {
    using project = createTemporaryFolder();
    writeFileSync(join(project.path, 'cdk.json'), '{"app":');

    await expect(
      runApp({ projectFolder: project.path, outputFolder: join(project.path, 'out') }),
    ).rejects.toMatchObject({
      code: 'LOCAL_SYNTHESIS_FAILED',
      message: expect.stringMatching(/cdk\.json' is no JSON: /),
    });
  });
});
