import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Holds functions in the middle of their work, until the test has seen what it is about. */
export interface Gate {
  /** A statement of a function's source that waits for the gate. */
  readonly pass: string;
  open(): void;
}

/** For one test; it is closed at first. A file, since functions run in threads of their own. */
export function createGate(): Gate {
  const folder = mkdtempSync(join(tmpdir(), 'gate-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'open');
  return {
    pass: `while (!(await import('node:fs')).existsSync(${JSON.stringify(file)})) await new Promise((r) => setTimeout(r, 2));`,
    open: () => {
      if (!existsSync(file)) writeFileSync(file, '');
    },
  };
}
