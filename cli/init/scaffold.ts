import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { InitRefusedError } from './errors.ts';
import type { InitOptions } from './options.ts';

const TEMPLATE = join(import.meta.dirname, 'template');

/** Suffix of the template's files, so that tools do not treat them as files of this project. */
const ENDING = '.template';

/** The manifest of Waybill itself. The published one still has the versions of its development dependencies. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export interface Scaffold {
  /** Paths relative to the project's folder. */
  readonly files: readonly string[];
}

/**
 * Writes the project into a folder with its name.
 * @param parent the folder in which to create it
 * @throws InitRefusedError `INIT_REFUSED` if a dependency has this name, the folder is not empty or not writable, or
 * the package is not a file. Nothing is written, except files before a failed write
 */
export function writeScaffold({ name, packageFile }: InitOptions, parent: string): Scaffold {
  const folder = join(parent, name);
  const manifest: Manifest = JSON.parse(
    readFileSync(createRequire(import.meta.url).resolve('waybill/package.json'), 'utf8'),
  );
  const versions = new Map(Object.entries({ ...manifest.devDependencies, ...manifest.dependencies }));
  versions.set(manifest.name, packageFile === undefined ? manifest.version : fileReference(packageFile, folder));
  const template = readTemplate();
  const installed = template.flatMap(({ text }) => [...text.matchAll(VERSION)].map(([, dependency]) => dependency));
  if (installed.includes(name)) {
    throw new InitRefusedError(`the project cannot be called '${name}', since it installs the package of that name`);
  }
  refuseUnlessEmpty(folder);
  const files = template.map(({ path, text }) => ({ path, text: filled(text, name, versions) }));
  for (const { path, text } of files) write(join(folder, path), text);
  return { files: files.map(({ path }) => path) };
}

const readTemplate = () =>
  readdirSync(TEMPLATE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ENDING))
    .toSorted()
    .map((path) => ({
      path: path.slice(0, -ENDING.length),
      text: readFileSync(join(TEMPLATE, path), 'utf8'),
    }));

/** Placeholder of a dependency's version. */
const VERSION = /__version:([^_]+)__/g;

const filled = (text: string, name: string, versions: ReadonlyMap<string, string>): string =>
  text.replaceAll('__name__', name).replaceAll(VERSION, (_, dependency: string) => {
    const version = versions.get(dependency);
    if (version === undefined) throw new TypeError(`the template needs '${dependency}', which Waybill does not`);
    return version;
  });

/** The file as a version in package.json. */
function fileReference(packageFile: string, folder: string): string {
  if (statSync(packageFile, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new InitRefusedError(`--package must name a file that npm pack made, and there is none '${packageFile}'`);
  }
  return `file:${relative(folder, resolve(packageFile)).replaceAll('\\', '/')}`;
}

function refuseUnlessEmpty(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isDirectory()) {
    throw new InitRefusedError(`'${folder}' is a file: choose another name, or move the file away`);
  }
  // allows a new repository
  const inside = readdirSync(folder).filter((entry) => entry !== '.git');
  if (inside.length === 0) return;
  const told = inside.slice(0, 3).join(', ');
  throw new InitRefusedError(
    `the folder '${folder}' is not empty, it has ${told}${inside.length > 3 ? ' and more' : ''}: choose another name, or empty it; nothing was written`,
  );
}

function write(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    // do not overwrite a file that was created meanwhile
    writeFileSync(path, text, { flag: 'wx' });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InitRefusedError(`'${path}' cannot be written: ${reason}`, { cause });
  }
}
