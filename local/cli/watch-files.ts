import { type FSWatcher, watch } from 'node:fs';
import { join, sep } from 'node:path';
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
  const watchers: FSWatcher[] = [];
  const close = () => {
    cancel();
    for (const watcher of watchers) watcher.close();
  };

  for (const folder of folders) {
    const watcher = watch(folder, { recursive: true, persistent: false }, (_event, name) => {
      if (name === null || !isSource(name)) return;
      cancel();
      cancel = clock.schedule(QUIET_MS, () => onChange(join(folder, name)));
    });
    watcher.on('error', onError);
    watchers.push(watcher);
  }
  return { [Symbol.dispose]: close };
}

const isSource = (name: string): boolean => /\.(?:[cm]?[jt]s|json)$/.test(name) && !name.split(sep).some(isPassedBy);

/** Dependencies, and what editors keep beside a file. */
const isPassedBy = (step: string): boolean => step === 'node_modules' || step.startsWith('.');
