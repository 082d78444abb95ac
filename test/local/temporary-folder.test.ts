import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTemporaryFolder } from '../../local/temporary-folder.ts';

describe('createTemporaryFolder', () => {
  it('is gone with all that lies in it when its block ends', () => {
    let path: string;

    {
      using folder = createTemporaryFolder();
      path = folder.path;
      writeFileSync(join(path, 'file'), '');
    }

    expect(existsSync(path)).toBe(false);
  });

  it('leaves nothing listening for the end of the process', () => {
    const before = process.listenerCount('exit');

    createTemporaryFolder()[Symbol.dispose]();

    expect(process.listenerCount('exit')).toBe(before);
  });
});
