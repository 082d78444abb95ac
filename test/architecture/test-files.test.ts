import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import config from '../../vitest.config.ts';

const ROOT = join(import.meta.dirname, '../..');

it('are all run: each file of tests belongs to exactly one project', () => {
  const projects = config.test?.projects ?? [];
  const includes = projects.flatMap((project) =>
    typeof project === 'object' && 'test' in project ? [project.test?.include ?? []] : [],
  );

  const run = includes.flatMap((patterns) => globSync(patterns, { cwd: ROOT }));

  expect(includes).toHaveLength(4);
  expect(run.toSorted()).toStrictEqual(globSync('{test,examples/*/test}/**/*.test.ts', { cwd: ROOT }).toSorted());
});

/** Files share their modules, and with them the classes of the SDK. */
it('restore each class of the SDK that they mock', () => {
  const leaking = globSync('{test,examples/*/test}/**/*.ts', { cwd: ROOT }).filter((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const mocks = text.match(/\bmockClient\([A-Z]/g)?.length ?? 0;
    return mocks > (text.match(/\.restore\(\)/g)?.length ?? 0);
  });

  expect(leaking).toStrictEqual([]);
});
