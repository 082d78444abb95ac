import { createHash, randomUUID } from 'node:crypto';
import {
  accessSync,
  constants,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Files by key. Whatever cannot be read or written counts as not there: a cache never fails its user. */
export interface ContentCache {
  read(key: string): Uint8Array | undefined;
  write(key: string, content: Uint8Array): void;
}

/** Of each cache; the least recently used files go first. */
const MOST_BYTES = 256 * 1024 * 1024;
const MOST_FILES = 5000;

const MS_PER_SECOND = 1000;

export const digestOf = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  // with lengths, so that no two lists of parts are alike
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
};

/**
 * The cache of a project: `node_modules/.cache/waybill/<name>`, or a folder of the user's own in the temporary folder where
 * the project has no `node_modules` that can be written to. Processes can share it.
 */
export function openCache(root: string, name: string): ContentCache {
  const folder = join(cacheFolderOf(root), name);
  return {
    read(key) {
      const path = join(folder, key);
      try {
        const content = readFileSync(path);
        const now = Date.now() / MS_PER_SECOND;
        utimesSync(path, now, now);
        return content;
      } catch {
        return undefined;
      }
    },
    write(key, content) {
      const unfinished = join(folder, `${randomUUID()}.tmp`);
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(unfinished, content);
        // at once, so that other processes read a whole file or none
        renameSync(unfinished, join(folder, key));
        prune(folder);
      } catch {
        rmSync(unfinished, { force: true });
      }
    },
  };
}

/** Holds what can be made again: in the project, or else in the temporary folder. */
export function cacheFolderOf(root: string): string {
  const modules = join(root, 'node_modules');
  try {
    accessSync(modules, constants.W_OK);
    return join(modules, '.cache/waybill');
  } catch {
    return join(tmpdir(), `waybill-cache-${userInfo().uid}`, digestOf(root));
  }
}

function prune(folder: string): void {
  const files = readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats === undefined ? [] : [{ path, bytes: stats.size, usedAt: stats.mtimeMs }];
  });
  let bytesOver = files.reduce((sum, { bytes }) => sum + bytes, 0) - MOST_BYTES;
  let filesOver = files.length - MOST_FILES;
  for (const { path, bytes } of files.toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (bytesOver <= 0 && filesOver <= 0) return;
    rmSync(path, { force: true });
    bytesOver -= bytes;
    filesOver -= 1;
  }
}
