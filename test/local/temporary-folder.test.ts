import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTemporaryFolder } from '../../local/temporary-folder.ts';

let temporary: string;

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'temporary-folder-'));
  vi.stubEnv('TMPDIR', temporary);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

const MODULE = join(import.meta.dirname, '../../local/temporary-folder.ts');

/** A process that is killed while it has a folder. */
const killedRun = () =>
  spawnSync(process.execPath, [
    '--input-type=module',
    '--eval',
    `(await import(${JSON.stringify(MODULE)})).createTemporaryFolder(); process.kill(process.pid, 'SIGKILL');`,
  ]);

/** A folder as a run would have it. */
function folderOf(name: string, owner?: unknown): string {
  const path = join(temporary, name);
  mkdirSync(path);
  if (owner !== undefined) writeFileSync(join(path, '.waybill-run.json'), JSON.stringify(owner));
  return name;
}

/** The id of a process that has ended. */
const endedPid = () => spawnSync(process.execPath, ['--eval', '']).pid;

describe('createTemporaryFolder', () => {
  it('deletes the folder and its contents when its block ends', () => {
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

  it('deletes the folder of a killed run', () => {
    expect(killedRun().signal).toBe('SIGKILL');
    expect(readdirSync(temporary)).toHaveLength(1);

    createTemporaryFolder()[Symbol.dispose]();

    expect(readdirSync(temporary)).toStrictEqual([]);
  });

  it('keeps the folders of active runs', () => {
    using running = createTemporaryFolder();
    using _another = createTemporaryFolder();

    expect(existsSync(running.path)).toBe(true);
  });

  it('keeps a folder unless it is known to be of a killed run on this machine', () => {
    const pid = endedPid();
    const kept = [
      folderOf('waybill-foreign'),
      folderOf('waybill-of-another-host', { host: `not-${hostname()}`, pid }),
      folderOf('waybill-of-nobody', { host: hostname(), pid: 'none' }),
      folderOf('waybill-of-a-group', { host: hostname(), pid: -pid }),
      folderOf('another-tool', { host: hostname(), pid }),
    ];
    const target = join(temporary, folderOf('linked', { host: hostname(), pid }));
    symlinkSync(target, join(temporary, 'waybill-link'));
    writeFileSync(join(temporary, 'waybill-file'), '');

    createTemporaryFolder()[Symbol.dispose]();

    expect(readdirSync(temporary).toSorted()).toStrictEqual(
      [...kept, 'linked', 'waybill-file', 'waybill-link'].toSorted(),
    );
  });

  it('keeps the folder of another user', () => {
    const name = folderOf('waybill-of-another-user', { host: hostname(), pid: endedPid() });
    using _user = vi.spyOn(process, 'getuid').mockReturnValue((process.getuid?.() ?? 0) + 1);

    createTemporaryFolder()[Symbol.dispose]();

    expect(readdirSync(temporary)).toStrictEqual([name]);
  });
});
