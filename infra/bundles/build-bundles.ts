import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync, type Message, type Metafile } from 'esbuild';
import type { Bundle } from './bundle.ts';
import { type BundleRequest, buildKeyOf, describeErrors } from './bundle-request.ts';
import { portableMap } from './source-map.ts';

/** A bundle, with the files that it was built from; or what is wrong with them, in one line. */
export type BuiltBundle =
  | { readonly bundle: Bundle; readonly inputs: readonly string[] }
  | { readonly problem: string };

/** Bounds what esbuild tells about a build, which this process takes in one piece. */
const MOST_PER_BUILD = 50;

/**
 * Builds bundles: those with the same options and project in one build, in which each file is read and parsed once.
 * esbuild links each entry by itself, so a bundle is the same, byte for byte, as one from a build of its own.
 * @returns one for each request, in their order
 */
export function buildBundles(requests: readonly BundleRequest[]): readonly BuiltBundle[] {
  const built = new Map<BundleRequest, BuiltBundle>();
  for (const alike of Map.groupBy(requests, buildKeyOf).values()) {
    for (let at = 0; at < alike.length; at += MOST_PER_BUILD) {
      for (const [request, result] of buildTogether(alike.slice(at, at + MOST_PER_BUILD))) built.set(request, result);
    }
  }
  return requests.map((request) => built.get(request) ?? { problem: 'was not built' });
}

/** All have the same options and project. */
function buildTogether(requests: readonly BundleRequest[]): readonly (readonly [BundleRequest, BuiltBundle])[] {
  const [first] = requests;
  if (first === undefined) return [];
  const { root, options } = first;
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'waybill-build-'));
  try {
    const { metafile } = buildSync({
      ...options,
      bundle: true,
      absWorkingDir: root,
      entryPoints: requests.map(({ entry }, index) => ({ in: entry, out: join(String(index), 'index') })),
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      metafile: true,
      logLevel: 'silent',
    });
    return requests.map((request, index) => [request, readBundle(join(folder, String(index)), request, metafile)]);
  } catch (error) {
    const errors = errorsOf(error);
    if (errors === undefined) throw error;
    // esbuild names the files at fault, and not the entries that lead to them
    if (requests.length === 1) return [[first, { problem: describeErrors(errors, root) }]];
    return requests.flatMap((request) => buildTogether([request]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Undefined if it is no error of a build. */
function errorsOf(error: unknown): readonly Message[] | undefined {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors) ? error.errors : undefined;
}

function readBundle(folder: string, { root }: BundleRequest, metafile: Metafile): BuiltBundle {
  const file = join(folder, 'index.mjs');
  const code = readFileSync(file);
  const map = portableMap(readFileSync(`${file}.map`, 'utf8'), { folder, root });
  return { bundle: { code, map }, inputs: inputsOf(file, root, metafile) };
}

/** Absolute paths of all files that the bundle's entry leads to, also of those that nothing is taken from. */
function inputsOf(file: string, root: string, { inputs, outputs }: Metafile): readonly string[] {
  const [, output] = Object.entries(outputs).find(([path]) => resolve(root, path) === file) ?? [];
  if (output?.entryPoint === undefined) throw new TypeError(`esbuild does not say what '${file}' was built from`);
  const found = new Set([output.entryPoint]);
  for (const path of found) {
    for (const { path: imported, external } of inputs[path]?.imports ?? []) {
      if (external !== true && imported in inputs) found.add(imported);
    }
  }
  return [...found].map((path) => resolve(root, path));
}
