import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join, relative } from 'node:path';
import type { EngineClock } from '../clock.ts';
import type { WatchPatterns } from './watch-patterns.ts';

export interface WatchFilesOptions {
  /** Watched with all that is in it, as the patterns say. */
  readonly folder: string;
  readonly patterns: Pick<WatchPatterns, 'includes' | 'excludes'>;
  readonly clock: EngineClock;
  /** Called once things are quiet, with the paths of the changed files, relative to the folder; at least one. */
  readonly onChange: (paths: readonly string[]) => void;
  readonly onError: (error: Error) => void;
}

/** Editors and tools write a file in several steps, and several files at a time; what comes later is taken over after that. */
const QUIET_MS = 50;

/** Tells of saved files until it is disposed of. */
export function watchFiles({ folder: root, patterns, clock, onChange, onError }: WatchFilesOptions): Disposable {
  let cancel = () => {};
  const watchers = new Map<string, FSWatcher>();
  const paths = new Set<string>();

  const changed = (path: string) => {
    if (!patterns.includes(path)) return;
    cancel();
    paths.add(path);
    cancel = clock.schedule(QUIET_MS, () => {
      const changes = [...paths];
      paths.clear();
      onChange(changes);
    });
  };

  const leave = (folder: string) => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };

  // one watcher for each folder: Node's recursive ones lose files that an editor replaces by renaming another
  const enter = (folder: string) => {
    leave(folder);
    const watcher = watch(folder, { persistent: false }, (_event, name) => {
      if (name === null) return;
      const path = join(folder, name);
      const own = relative(root, path);
      if (patterns.excludes(own)) return;
      if (!isFolder(path)) changed(own);
      else if (!watchers.has(path)) {
        enter(path);
        changed(own);
      }
    });
    watchers.set(folder, watcher);
    watcher.on('error', (error) => {
      leave(folder);
      if (isFolder(folder)) onError(error);
    });
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !patterns.excludes(relative(root, path))) enter(path);
    }
  };

  enter(root);
  return {
    [Symbol.dispose]() {
      cancel();
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
