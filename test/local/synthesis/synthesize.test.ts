import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesize } from '../../../local/synthesis/synthesize.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../../local/temporary-folder.ts';

const NODE_MODULES = join(import.meta.dirname, '../../../node_modules');

const APP = `
import { connect } from 'node:net';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
const app = new App();
const env = app.node.tryGetContext('env');
const port = app.node.tryGetContext('port');
if (port !== undefined) await new Promise(() => connect(Number(port), '127.0.0.1'));
if (env === 'broken') throw new Error('no such environment');
new CfnOutput(new Stack(app, 'Only'), 'Env', { value: env });
if (env === 'looking') {
  const stack = new Stack(app, 'Looking', { env: { account: '111122223333', region: 'eu-west-1' } });
  StringParameter.valueFromLookup(stack, '/waybill/prod/hub');
}
`;

describe('synthesize', () => {
  let folder: TemporaryFolder;

  beforeAll(() => {
    folder = createTemporaryFolder();
    writeFileSync(join(folder.path, 'cdk.json'), '{"app":"node app.mjs"}');
    writeFileSync(join(folder.path, 'app.mjs'), APP);
    symlinkSync(NODE_MODULES, join(folder.path, 'node_modules'));
  });

  afterAll(() => folder[Symbol.dispose]());

  it('writes the assembly of the project under the given context', async () => {
    const outputFolder = join(folder.path, 'out');

    await synthesize({ projectFolder: folder.path, outputFolder, context: { env: 'dev' } });

    const template: unknown = JSON.parse(readFileSync(join(outputFolder, 'Only.template.json'), 'utf8'));
    expect(template).toMatchObject({ Outputs: { Env: { Value: 'dev' } } });
  });

  it("rejects with the app's own words when it fails", async () => {
    const outputFolder = join(folder.path, 'broken');

    await expect(
      synthesize({ projectFolder: folder.path, outputFolder, context: { env: 'broken' } }),
    ).rejects.toMatchObject({
      code: 'LOCAL_SYNTHESIS_FAILED',
      message: expect.stringMatching(/^cdk synth failed, it ended with 1:\n.*no such environment/s),
    });
  });

  it('rejects a lookup of a hub that does not run with the command that runs it, not with advice about credentials', async () => {
    const looking = { projectFolder: folder.path, outputFolder: join(folder.path, 'looking') };

    await expect(synthesize({ ...looking, context: { env: 'looking' } })).rejects.toMatchObject({
      code: 'LOCAL_SYNTHESIS_FAILED',
      message:
        "cdk synth failed, it ended with 1:\nMissing context keys: 'ssm:account=111122223333:parameterName=/waybill/prod/hub:region=eu-west-1'\nThe app looks up the hub of environment 'prod', which does not run: start the app that deploys it first, such as npx waybill start HUB_APP THIS_APP",
    });
  });

  it('also ends the app when it is aborted', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    const connected = new Promise<Socket>((resolve) => server.once('connection', resolve));
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const controller = new AbortController();
    const synthesis = synthesize({
      projectFolder: folder.path,
      outputFolder: join(folder.path, 'aborted'),
      context: { port: String(port) },
      signal: controller.signal,
    });

    const app = await connected;
    const appEnded = new Promise((resolve) =>
      app
        .on('error', () => {})
        .on('close', resolve)
        .resume(),
    );
    controller.abort(new Error('enough'));

    await expect(synthesis).rejects.toThrow('enough');
    await appEnded;
    server.close();
  });

  it('starts nothing if it is aborted beforehand', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    const outputFolder = join(folder.path, 'never');

    await expect(synthesize({ projectFolder: folder.path, outputFolder, signal })).rejects.toThrow('enough');
    expect(existsSync(outputFolder)).toBe(false);
  });

  it.each([
    ['no lock file', undefined, 'npm install'],
    ['package-lock.json', 'package-lock.json', 'npm ci'],
    ['pnpm-lock.yaml', 'pnpm-lock.yaml', 'pnpm install'],
  ])('rejects a folder with %s in which the CDK CLI is not installed', async (_what, lockFile, install) => {
    using empty = createTemporaryFolder();
    writeFileSync(join(empty.path, 'package.json'), '{}');
    if (lockFile !== undefined) writeFileSync(join(empty.path, lockFile), '');

    await expect(synthesize({ projectFolder: empty.path, outputFolder: empty.path })).rejects.toMatchObject({
      code: 'LOCAL_SYNTHESIS_FAILED',
      message: `aws-cdk is not installed in '${empty.path}'; run ${install} there`,
    });
  });
});
