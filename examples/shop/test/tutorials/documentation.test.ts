import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

it('docs/testing.md shows the code of the example', () => {
  expect(read('docs/testing.md')).toContain(read('examples/shop/test/tutorials/loyalty.test.ts'));
});
