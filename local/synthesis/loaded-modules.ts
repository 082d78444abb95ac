import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The files that an app was made of, less installed packages. */
export interface LoadedModules {
  /** @param path absolute. @returns true for every file if it is not known what was loaded */
  has(path: string): boolean;
}

/** Of the app's process, and of those that it starts. */
const RECORD_VARIABLE = 'WAYBILL_MODULES_FOLDER';

/** Runs in the app's process before the app; in the package it is compiled. */
const RECORDER = import.meta.url.endsWith('.ts') ? './record-modules.ts' : './record-modules.js';

/** Has the processes of an app write down the modules that they load. @param folder is created below it */
export function recordModules(folder: string): {
  readonly variables: NodeJS.ProcessEnv;
  read(): LoadedModules;
} {
  const records = join(folder, 'modules');
  mkdirSync(records, { recursive: true });
  const recorder = new URL(RECORDER, import.meta.url).href;
  return {
    variables: {
      [RECORD_VARIABLE]: records,
      NODE_OPTIONS: [process.env['NODE_OPTIONS'], `--import=${recorder}`].filter(Boolean).join(' '),
    },
    read() {
      const files = readdirSync(records).map((name) => readFileSync(join(records, name), 'utf8'));
      const urls = new Set(files.flatMap((text) => text.split('\n')));
      return files.length === 0 ? EVERYTHING : { has: (path) => urls.has(pathToFileURL(path).href) };
    },
  };
}

/** Of an app that runs on no Node that can tell. */
const EVERYTHING: LoadedModules = { has: () => true };
