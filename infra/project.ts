import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** True in Waybill's own repository; false in the installed package, which holds JavaScript and built bundles. */
const RUNS_FROM_SOURCE = import.meta.filename.endsWith('.ts');

/** Of the repository, or of the package's `dist`. */
const OWN_ROOT = resolve(import.meta.dirname, '..');

/** Of npm, pnpm, Yarn and Bun. */
const LOCK_FILES = ['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'];

/** The absolute path of an entry. A relative path starts at the folder of `cdk.json`, where the CDK CLI runs the app. */
export const entryPath = (entry: string): string => resolve(entry);

/** The entry of a Lambda that Waybill deploys itself: its source in the repository, its bundle in the package. */
export const ownEntry = (name: 'relay' | 'sweeper' | 'saga-timer' | 'sync-tick' | 'reconciler'): string =>
  join(OWN_ROOT, 'functions', name, RUNS_FROM_SOURCE ? 'index.ts' : 'index.mjs');

/** True if the entry is a bundle of the package, to be deployed as it is. */
export const isBuiltEntry = (entry: string): boolean =>
  !RUNS_FROM_SOURCE && entry.startsWith(join(OWN_ROOT, 'functions/'));

/** Export conditions that bundles resolve packages with: in the repository, `waybill/...` is its own source. */
export const bundleConditions: readonly string[] = RUNS_FROM_SOURCE ? ['waybill-source', 'module'] : ['module'];

/** One of them stands beside the lock file of a project; pnpm's workspaces need no package.json at their root. */
const MANIFESTS = ['package.json', 'pnpm-workspace.yaml'];

/**
 * The lock file of the project that an entry belongs to, searched upwards; package.json if there is none. Its folder is the
 * root of what is bundled. A lock file without a package.json beside it belongs to no project, and is passed over.
 * @returns undefined if no folder above the entry has either
 */
export const projectFileOf = (path: string): string | undefined =>
  // a package of a workspace has its lock file further up than its package.json
  findUp(dirname(path), (folder) =>
    fileIn(folder, MANIFESTS) === undefined ? undefined : fileIn(folder, LOCK_FILES),
  ) ?? findUp(dirname(path), (folder) => fileIn(folder, ['package.json']));

/** The project whose folder this is, in words: the folder, and the file that it was chosen for. */
export const describeProject = (root: string): string =>
  `'${root}', the folder of ${basename(fileIn(root, LOCK_FILES) ?? 'package.json')}`;

function findUp(folder: string, fileOf: (folder: string) => string | undefined): string | undefined {
  const file = fileOf(folder);
  if (file !== undefined || folder === dirname(folder)) return file;
  return findUp(dirname(folder), fileOf);
}

const fileIn = (folder: string, names: readonly string[]): string | undefined =>
  names.map((name) => join(folder, name)).find((each) => existsSync(each));
