import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';

const read = (path: string): string => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');

const versions = z.record(z.string(), z.string());
const { dependencies, devDependencies } = z
  .object({ dependencies: versions, devDependencies: versions })
  .parse(JSON.parse(read('package.json')));
const all = Object.entries({ ...dependencies, ...devDependencies });

const majorOf = (name: string): string | undefined => ({ ...dependencies, ...devDependencies })[name]?.split('.')[0];

it('names exact versions', () => {
  expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toStrictEqual([]);
});

it('takes all of Powertools in one version, since others cannot be installed together', () => {
  const powertools = all.filter(([name]) => name.startsWith('@aws-lambda-powertools/'));

  expect(new Set(powertools.map(([, version]) => version)).size).toBe(1);
});

it('takes the CDK CLI of version 2: 3.0.0 was published by accident', () => {
  expect(majorOf('aws-cdk')).toBe('2');
});

it('runs on the Node of the Lambda functions', () => {
  const runtime = /Runtime\.NODEJS_(\d+)_X/.exec(read('infra/constructs/waybill-function.ts'))?.[1];

  expect([majorOf('node'), majorOf('@types/node')]).toStrictEqual([runtime, runtime]);
});

it('keeps no download addresses in the lock file', () => {
  expect(read('package-lock.json')).not.toContain('"resolved"');
});

it('names the actions of the workflow by commit', () => {
  const actions = [...read('.github/workflows/ci.yml').matchAll(/uses: (\S+)/g)].map(([, action]) => action);

  expect(actions.length).toBeGreaterThan(0);
  expect(actions.filter((action) => !/@[0-9a-f]{40}$/.test(action ?? ''))).toStrictEqual([]);
});
