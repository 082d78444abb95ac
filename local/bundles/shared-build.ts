import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type BuildContext, build, context, type Message, type OutputFile } from 'esbuild';
import { describeErrors } from '../../infra/bundles/bundle-request.ts';
import { STACK_TRACES_OF_SOURCES } from '../../infra/bundles/stack-traces.ts';
import { BundlingError } from './errors.ts';
import { type RequestedBundle, shortDigest } from './requests.ts';
import { withShims } from './shims.ts';

/** Bundles with the same options and project, in one incremental build with shared chunks. */
export interface SharedBuild extends AsyncDisposable {
  /**
   * Builds what has changed since the last time, and writes it beside what was there.
   * @returns the folder of each bundle, by its key
   * @throws BundlingError naming functions and entries
   */
  rebuild(): Promise<ReadonlyMap<string, string>>;
  /** Absolute paths of what was built. */
  inputs(): ReadonlySet<string>;
}

/** The folder of what bundles share. */
const CHUNKS = 'chunks';

/** @param folder gets the code: a folder for each content of a bundle, and the chunks */
export async function openSharedBuild(requests: readonly RequestedBundle[], folder: string): Promise<SharedBuild> {
  const distinct = [...new Map(requests.map((request) => [request.key, request])).values()];
  const [first] = distinct;
  if (first === undefined) throw new TypeError('a build needs an entry');
  const { root, options } = first;
  const settings = {
    ...options,
    banner: {},
    minify: false,
    splitting: true,
    bundle: true,
    absWorkingDir: root,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    chunkNames: `${CHUNKS}/[name]-[hash]`,
    write: false,
    metafile: true,
    logLevel: 'silent',
  } as const;
  const incremental: BuildContext<typeof settings> = await context({
    ...settings,
    entryPoints: distinct.map(({ entry, key }) => ({ in: entry, out: `${key}/index` })),
  });
  const written: Written = new Map();
  let inputs: ReadonlySet<string> = new Set();

  return {
    inputs: () => inputs,
    async rebuild() {
      try {
        const { outputFiles, metafile } = await incremental.rebuild();
        inputs = new Set(Object.keys(metafile.inputs).map((path) => resolve(root, path)));
        return writeOutputs(outputFiles, folder, written);
      } catch (error) {
        if (errorsOf(error).length === 0) throw error;
        throw new BundlingError(await describeFailure(distinct));
      }
    },
    [Symbol.asyncDispose]: () => incremental.dispose(),
  };
}

const errorsOf = (error: unknown): readonly Message[] =>
  error instanceof Error && 'errors' in error && Array.isArray(error.errors) ? error.errors : [];

/** esbuild names the files at fault, and not the entries that lead to them: each is built by itself. */
async function describeFailure(requests: readonly RequestedBundle[]): Promise<string> {
  const lines = await Promise.all(
    requests.map(async ({ entry, root, options, functionPath }) => {
      try {
        await build({
          ...options,
          bundle: true,
          absWorkingDir: root,
          entryPoints: [entry],
          write: false,
          outdir: root,
          logLevel: 'silent',
        });
        return [];
      } catch (error) {
        const what = `function '${functionPath}' cannot be bundled: entry '${relative(root, entry)}'`;
        return [`${what}: ${describeErrors(errorsOf(error), root)}`];
      }
    }),
  );
  return lines.flat().toSorted().join('\n');
}

/** Where an output was written, by its path in the build. */
type Written = Map<string, { readonly hash: string; readonly place: string }>;

/** A folder for each content: what runs with an older one goes on with it. */
function writeOutputs(files: readonly OutputFile[], folder: string, written: Written): ReadonlyMap<string, string> {
  const byPath = new Map(files.map((file) => [relative(folder, file.path), file]));
  for (const [path, { contents, hash }] of byPath) {
    if (path.endsWith('.map') || written.get(path)?.hash === hash) continue;
    const key = dirname(path);
    const shimmed = withShims(Buffer.from(contents).toString('utf8'));
    // once per process; in the first line, so that the source map stays right
    const code = key === CHUNKS ? shimmed : STACK_TRACES_OF_SOURCES + shimmed;
    // the name of a chunk has the digest of its content
    const place = key === CHUNKS ? path : join(`${key}-${shortDigest(code)}`, 'index.mjs');
    write(join(folder, place), code);
    const map = byPath.get(`${path}.map`);
    if (map !== undefined) write(join(folder, `${place}.map`), map.contents);
    written.set(path, { hash, place });
  }
  return new Map(
    [...byPath.keys()].flatMap((path): [string, string][] => {
      const place = written.get(path)?.place;
      return place === undefined || dirname(path) === CHUNKS ? [] : [[dirname(path), join(folder, dirname(place))]];
    }),
  );
}

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
