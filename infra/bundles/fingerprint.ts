import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { digestOf } from './content-cache.ts';

/** What a build has read, by path from the project's folder: equal fingerprints of the same files mean the same bundle. */
export type Fingerprint = Readonly<Record<string, string>>;

/** Reads each file and folder at most once, so that many bundles are compared at the cost of one. */
export interface FingerprintReader {
  /** @param inputs absolute paths of the files that were bundled */
  of(inputs: readonly string[]): Fingerprint;
  /** Whether everything is as it was. */
  matches(fingerprint: Fingerprint): boolean;
}

/** How packages and paths are resolved. */
const CONFIGURATION = /^(?:package\.json|[tj]sconfig.*\.json)$/;

/** Installed packages as a whole: what a name resolves to. */
const INSTALLED = ['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'];

/** Names that an import can resolve to: modules and folders. */
const RESOLVABLE = /^[^.]+$|\.(?:[cm]?[jt]sx?|json)$/;

/** For a path that stands for a folder's list of names. */
const NAMES = `${sep}*`;

const ABSENT = 'absent';

export function createFingerprintReader(root: string): FingerprintReader {
  const known = new Map<string, string>();
  const configurations = new Map<string, readonly string[]>();
  const configurationOf = (folder: string): readonly string[] => {
    const found = configurations.get(folder) ?? configurationIn(folder);
    configurations.set(folder, found);
    return found;
  };
  const read = (path: string): string => {
    const found =
      known.get(path) ?? attempt(() => (path.endsWith(NAMES) ? namesIn(path) : digestOf(readFileSync(path))));
    known.set(path, found);
    return found;
  };
  const namesIn = (path: string) =>
    digestOf(
      ...readdirSync(path.slice(0, -NAMES.length))
        .filter((name) => RESOLVABLE.test(name))
        .toSorted(),
    );

  return {
    of(inputs) {
      const folders = new Set(inputs.flatMap((path) => foldersAround(path, root)));
      const configuration = [...folders].flatMap(configurationOf);
      const names = [...folders].filter((folder) => !isInstalled(folder)).map((folder) => folder + NAMES);
      const lockFiles = INSTALLED.map((name) => join(root, name));
      const paths = new Set([...inputs, ...configuration, ...extended(configuration), ...names, ...lockFiles]);
      return Object.fromEntries([...paths].map((path) => [relative(root, path), read(path)]));
    },
    matches: (fingerprint) => Object.entries(fingerprint).every(([path, value]) => read(join(root, path)) === value),
  };
}

/** The folders from a file's own up to the project's, or up to that of its package. */
function foldersAround(path: string, root: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    folders.push(folder);
    if (folder === root || folder === dirname(folder) || isPackage(folder)) return folders;
  }
}

/** Whether the folder is that of an installed package. */
const isPackage = (folder: string): boolean => /[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^@\\/][^\\/]*$/.test(folder);

const isInstalled = (folder: string): boolean => folder.includes(`${sep}node_modules${sep}`);

const configurationIn = (folder: string): readonly string[] =>
  attempt(() => readdirSync(folder), [])
    .filter((name) => CONFIGURATION.test(name))
    .map((name) => join(folder, name));

/** Files of other folders that a tsconfig extends. One of a package changes with the lock file. */
function extended(configuration: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const pending = configuration.filter((path) => !isInstalled(path));
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const [, names = ''] = /"extends"\s*:\s*(\[[^\]]*\]|"[^"]*")/.exec(attempt(() => readText(path ?? ''), '')) ?? [];
    for (const [, name = ''] of names.matchAll(/"(\.[^"]*)"/g)) {
      const target = join(dirname(path), name.endsWith('.json') ? name : `${name}.json`);
      if (found.has(target)) continue;
      found.add(target);
      pending.push(target);
    }
  }
  return [...found];
}

const readText = (path: string): string => readFileSync(path, 'utf8');

function attempt(read: () => string): string;
function attempt<Value>(read: () => Value, otherwise: Value): Value;
function attempt(read: () => unknown, otherwise: unknown = ABSENT): unknown {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
