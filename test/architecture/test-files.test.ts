import { globSync } from 'node:fs';
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
