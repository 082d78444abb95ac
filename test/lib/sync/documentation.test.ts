import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
/** The app of the page, which the compiler checks. */
const APP = join(ROOT, 'test/documentation/sync');
const FILES = globSync('**/*.ts', { cwd: APP }).toSorted();

const page = readFileSync(join(ROOT, 'docs/sync.md'), 'utf8');

it.each(FILES)('docs/sync.md has %s as it compiles', (file) => {
  expect(page).toContain(`\`\`\`ts\n// ${file}\n${readFileSync(join(APP, file), 'utf8')}\`\`\`\n`);
});

it('docs/sync.md has a whole app', () => {
  expect(FILES).toHaveLength(6);
});
