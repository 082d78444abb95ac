import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectFileOf } from '../../infra/project.ts';

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'waybill-project-')));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** @param entry a path in the temporary folder, beside these files */
function projectFileAmong(files: readonly string[], entry: string): string | undefined {
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
  }
  return projectFileOf(join(root, entry))?.slice(root.length + 1);
}

describe('the file that marks the project of an entry', () => {
  it.each([
    ['its lock file', ['package.json', 'yarn.lock'], 'yarn.lock'],
    ['package.json without a lock file', ['package.json'], 'package.json'],
    [
      'the lock file of the workspaces that its package is part of',
      ['package.json', 'package-lock.json', 'packages/orders/package.json'],
      'package-lock.json',
    ],
    [
      'the lock file of pnpm workspaces without a package.json',
      ['pnpm-workspace.yaml', 'pnpm-lock.yaml', 'packages/orders/package.json'],
      'pnpm-lock.yaml',
    ],
    [
      'its own package.json, where a lock file further up belongs to no project',
      ['yarn.lock', 'packages/orders/package.json'],
      'packages/orders/package.json',
    ],
  ])('is %s', (_what, files, expected) => {
    expect(projectFileAmong(files, 'packages/orders/src/index.ts')).toBe(expected);
  });

  it('is missing where no folder has one', () => {
    expect(projectFileAmong(['yarn.lock'], 'src/index.ts')).toBeUndefined();
  });
});
