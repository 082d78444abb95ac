import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

it('docs/adapters.md contains the code of the tested example', () => {
  expect(read('docs/adapters.md')).toContain(read('test/lib/resilience/exchange-rates.test.ts'));
});
