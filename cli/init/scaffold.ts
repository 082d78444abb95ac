import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { InitRefusedError } from './errors.ts';
import type { InitOptions } from './options.ts';

const TEMPLATE = join(import.meta.dirname, 'template');

/** Ends the name of each file of the template, so that no tool takes it for one of this project. */
const ENDING = '.template';

/** Of Waybill itself; npm leaves the versions that it is developed with in it. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export interface Scaffold {
  /** Paths from the project's folder. */
  readonly files: readonly string[];
}

/**
 * Writes the project into a folder of its name.
 * @param parent the folder that is to hold it
 * @throws InitRefusedError `INIT_REFUSED` for a name that a dependency has, a folder that is not empty, a package that is no
 * file, or a folder that cannot be written; nothing is written, except what a write that failed had left before it
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

/** What a dependency's version stands for. */
const VERSION = /__version:([^_]+)__/g;

const filled = (text: string, name: string, versions: ReadonlyMap<string, string>): string =>
  text.replaceAll('__name__', name).replaceAll(VERSION, (_, dependency: string) => {
    const version = versions.get(dependency);
    if (version === undefined) throw new TypeError(`the template needs '${dependency}', which Waybill does not`);
    return version;
  });

/** As package.json names a file. */
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
  // a repository that was just created
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
    // never over a file that somebody else has written meanwhile
    writeFileSync(path, text, { flag: 'wx' });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InitRefusedError(`'${path}' cannot be written: ${reason}`, { cause });
  }
}
