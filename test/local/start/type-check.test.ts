import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createTypeCheck } from '../../../local/start/type-check.ts';
import { createTemporaryFolder } from '../../../local/temporary-folder.ts';
import { createPaint } from '../../../local/view/paint.ts';

function createScreen() {
  const said: string[] = [];
  const plain = createPaint(false);
  const say = (text: string) => void said.push(text);
  return { said, screen: { line: say, warn: say, paint: { line: plain, warn: plain, log: plain } } };
}

it('tells type errors beside the run, and when they are gone', async () => {
  using folder = createTemporaryFolder();
  const { path } = folder;
  symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(path, 'node_modules'));
  writeFileSync(join(path, 'tsconfig.json'), '{"compilerOptions":{"strict":true,"types":[]},"include":["*.ts"]}');
  writeFileSync(join(path, 'orders.ts'), "export const total: number = 'none';");
  const { said, screen } = createScreen();
  using types = createTypeCheck({ projectFolder: path, folder: path, screen });

  types?.check();
  await expect
    .poll(() => said)
    .toStrictEqual([
      "Types do not fit:\norders.ts(1,14): error TS2322: Type 'string' is not assignable to type 'number'.",
    ]);

  writeFileSync(join(path, 'orders.ts'), 'export const total: number = 1;');
  types?.check();
  await expect.poll(() => said.at(-1)).toBe('Types fit again.');
});

it('checks nothing in a project without TypeScript', () => {
  using folder = createTemporaryFolder();

  expect(createTypeCheck({ projectFolder: folder.path, folder: folder.path, ...createScreen() })).toBeUndefined();
});
