import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PLANTED_IN_THE_EDGE } from '../plants/in-the-edge.ts';
import { PLANTED_IN_WEBHOOKS } from '../plants/in-webhooks.ts';

const ROOT = join(import.meta.dirname, '../..');

it.each([...PLANTED_IN_WEBHOOKS, ...PLANTED_IN_THE_EDGE])(
  'the guard that $name takes out stands once in $file, and its tests are there',
  ({ file, code, instead, tests }) => {
    expect(readFileSync(join(ROOT, file), 'utf8').split(code)).toHaveLength(2);
    expect(instead).not.toBe(code);
    expect(existsSync(join(ROOT, tests))).toBe(true);
  },
);
