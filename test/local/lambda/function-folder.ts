import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FunctionFolder {
  /** Writes a function's files into a folder of their own, and gives its path. */
  write(files: Readonly<Record<string, string>>): string;
  remove(): void;
}

/** Functions under test live in a temporary folder, so that they are real files and leave nothing behind. */
export function createFunctionFolder(): FunctionFolder {
  const root = mkdtempSync(join(tmpdir(), 'lambda-test-'));
  // the project around a code folder; it must not matter
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  return {
    write(files) {
      const folder = mkdtempSync(join(root, 'function-'));
      for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
      return folder;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
