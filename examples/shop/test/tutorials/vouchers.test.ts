import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { unpackPages } from './page-files.ts';

const PAGE_TEST = 'examples/shop/test/functions/vouchers.test.ts';

const { folder, paths } = unpackPages('docs/table-of-your-own.md');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('docs/table-of-your-own.md has a test', () => {
  expect(paths).toContain(PAGE_TEST);
});

// the page's own tests run as tests of this file
await import(join(folder, PAGE_TEST));
