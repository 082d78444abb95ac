import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryFolder extends Disposable {
  readonly path: string;
}

const PREFIX = 'waybill-';

/** Names the process that a folder belongs to; without it, nobody but that process deletes the folder. */
const OWNER_FILE = '.waybill-run.json';

interface Owner {
  /** A process id says something on its own machine only; containers may share the folder. */
  readonly host: string;
  readonly pid: number;
}

/** A folder that goes with its `using` block, and in any case when the process exits. What killed runs left goes, too. */
export function createTemporaryFolder(): TemporaryFolder {
  sweepFoldersOfKilledRuns();
  const path = mkdtempSync(join(tmpdir(), PREFIX));
  const owner: Owner = { host: hostname(), pid: process.pid };
  writeFileSync(join(path, OWNER_FILE), JSON.stringify(owner));
  const remove = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', remove);
  return {
    path,
    [Symbol.dispose]() {
      process.off('exit', remove);
      remove();
    },
  };
}

function sweepFoldersOfKilledRuns(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(tmpdir(), name);
    try {
      if (isOfKilledRun(path)) rmSync(path, { recursive: true, force: true });
    } catch {
      // another run sweeps it at the same moment, or it cannot be read: no reason to end this run
    }
  }
}

function isOfKilledRun(path: string): boolean {
  const folder = lstatSync(path);
  if (!folder.isDirectory() || folder.uid !== (process.getuid?.() ?? folder.uid)) return false;
  const { host, pid }: Partial<Owner> = JSON.parse(readFileSync(join(path, OWNER_FILE), 'utf8'));
  return host === hostname() && typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0 && !isRunning(pid);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // a process of another user runs as well
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
