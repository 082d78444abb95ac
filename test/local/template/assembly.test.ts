import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAssembly } from '../../../local/template/assembly.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../../local/temporary-folder.ts';

const stack = (templateFile: string, more: object = {}) => ({
  type: 'aws:cloudformation:stack',
  environment: 'aws://unknown-account/unknown-region',
  properties: { templateFile },
  ...more,
});

describe('readAssembly', () => {
  let folder: TemporaryFolder;

  beforeEach(() => {
    folder = createTemporaryFolder();
  });

  afterEach(() => folder[Symbol.dispose]());

  const write = (files: Readonly<Record<string, unknown>>) => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder.path, path)), { recursive: true });
      writeFileSync(join(folder.path, path), typeof content === 'string' ? content : JSON.stringify(content));
    }
  };

  it('lists a stack after those that it depends on', () => {
    write({
      'manifest.json': {
        artifacts: {
          Shop: stack('Shop.json', { dependencies: ['Hub', 'Shop.assets'] }),
          Hub: stack('Hub.json'),
        },
      },
      'Shop.json': { Description: 'shop' },
      'Hub.json': { Description: 'hub' },
    });

    const { stacks } = readAssembly(folder.path);

    expect(stacks).toEqual([
      { stackName: 'Hub', account: undefined, region: undefined, template: { Description: 'hub' } },
      { stackName: 'Shop', account: undefined, region: undefined, template: { Description: 'shop' } },
    ]);
  });

  it("reads a stack's own name and the environment that it is bound to", () => {
    write({
      'manifest.json': {
        artifacts: {
          Artifact: {
            type: 'aws:cloudformation:stack',
            environment: 'aws://123456789012/eu-west-1',
            properties: { templateFile: 'a.json', stackName: 'shop-prod' },
          },
        },
      },
      'a.json': {},
    });

    expect(readAssembly(folder.path).stacks).toMatchObject([
      { stackName: 'shop-prod', account: '123456789012', region: 'eu-west-1' },
    ]);
  });

  it("finds each asset's folder by its key", () => {
    write({
      'manifest.json': { artifacts: { 'Hub.assets': { type: 'cdk:asset-manifest', properties: { file: 'a.json' } } } },
      'a.json': {
        files: { abc: { source: { path: 'asset.abc' }, destinations: { here: { objectKey: 'abc.zip' } } } },
      },
    });

    expect([...readAssembly(folder.path).assetPaths]).toEqual([['abc.zip', join(folder.path, 'asset.abc')]]);
  });

  it('reads the stacks of a stage', () => {
    write({
      'manifest.json': {
        artifacts: { Stage: { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-Stage' } } },
      },
      'assembly-Stage/manifest.json': { artifacts: { StageHub: stack('Hub.json') } },
      'assembly-Stage/Hub.json': {},
    });

    expect(readAssembly(folder.path).stacks).toMatchObject([{ stackName: 'StageHub' }]);
  });

  it.each([
    ['a folder without an assembly', {}, 'run cdk synth first'],
    ['a manifest that is no JSON', { 'manifest.json': '{' }, 'run cdk synth first'],
    [
      'a stack without a template',
      { 'manifest.json': { artifacts: { Hub: { type: 'aws:cloudformation:stack' } } } },
      "stack 'Hub' of the manifest names no template file",
    ],
    [
      'stacks that depend on each other',
      {
        'manifest.json': {
          artifacts: { A: stack('a.json', { dependencies: ['B'] }), B: stack('b.json', { dependencies: ['A'] }) },
        },
      },
      'stacks depend on each other: A -> B -> A',
    ],
  ])('rejects %s', (_, files, message) => {
    write(files);

    expect(() => readAssembly(folder.path)).toThrow(
      expect.objectContaining({ code: 'LOCAL_ASSEMBLY_INVALID', message: expect.stringContaining(message) }),
    );
  });
});
