import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { EngineClock } from '../clock.ts';

export interface WatchFilesOptions {
  /** Watched with all that is in them. */
  readonly folders: readonly string[];
  readonly clock: EngineClock;
  /** Called once things are quiet, with the path of one of the changed files. */
  readonly onChange: (path: string) => void;
  readonly onError: (error: Error) => void;
}

/** Editors and tools write a file in several steps, and several files at a time. */
const QUIET_MS = 150;

/** Tells of saved source files until it is disposed of. */
export function watchFiles({ folders, clock, onChange, onError }: WatchFilesOptions): Disposable {
  let cancel = () => {};
  const watchers = new Map<string, FSWatcher>();

  const changed = (path: string) => {
    cancel();
    cancel = clock.schedule(QUIET_MS, () => onChange(path));
  };

  const leave = (folder: string) => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };

  // one watcher for each folder: Node's recursive ones lose files that an editor replaces by renaming another
  const enter = (folder: string) => {
    leave(folder);
    const watcher = watch(folder, { persistent: false }, (_event, name) => {
      if (name === null || isPassedBy(name)) return;
      const path = join(folder, name);
      if (isSource(name)) changed(path);
      else if (isFolder(path) && !watchers.has(path)) {
        enter(path);
        changed(path);
      }
    });
    watchers.set(folder, watcher);
    watcher.on('error', (error) => {
      leave(folder);
      if (isFolder(folder)) onError(error);
    });
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && !isPassedBy(entry.name)) enter(join(folder, entry.name));
    }
  };

  for (const folder of folders) enter(folder);
  return {
    [Symbol.dispose]() {
      cancel();
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

const isSource = (name: string): boolean => /\.(?:[cm]?[jt]s|json)$/.test(name);

/** Dependencies, and what editors keep beside a file. */
const isPassedBy = (name: string): boolean => name === 'node_modules' || name.startsWith('.');

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
