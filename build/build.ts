/** Builds the package: `npm run build` writes `dist`, which `npm pack` takes. */
import { chmodSync, cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleOptions } from '../infra/bundles/bundle-content.ts';
import { compileFaces, ROOT } from './declarations.ts';

const DIST = join(ROOT, 'dist');

/** The Lambdas that Waybill deploys itself. */
const OWN_FUNCTIONS = ['relay', 'sweeper', 'saga-timer', 'sync-tick', 'reconciler'];

/** As CDK bundles the functions of an app, so that what is deployed is the same from either. */
async function bundleOwnFunctions(): Promise<void> {
  await build({
    ...bundleOptions({ eventStreams: false }),
    bundle: true,
    entryPoints: Object.fromEntries(
      OWN_FUNCTIONS.map((name) => [`${name}/index`, join(ROOT, `functions/${name}/index.ts`)]),
    ),
    outdir: join(DIST, 'functions'),
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  });
}

/** In Node 24, and not yet in Node 22, on which an app may be developed. */
const NEWER_GLOBALS = ['AsyncDisposableStack', 'DisposableStack'];

/** Lets the files that use one import it: what an app loads must not change its globals. */
async function importNewerGlobals(): Promise<void> {
  const polyfill = join(DIST, 'local/disposable-stack.js');
  await build({
    entryPoints: [fileURLToPath(import.meta.resolve('@whatwg-node/disposablestack'))],
    outfile: polyfill,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: '/*! @whatwg-node/disposablestack, MIT license */' },
    logLevel: 'warning',
  });
  for (const file of globSync('{cli,infra,lib,local}/**/*.js', { cwd: DIST })) {
    const path = join(DIST, file);
    const text = readFileSync(path, 'utf8');
    const used = NEWER_GLOBALS.filter((name) => text.includes(`new ${name}(`));
    if (used.length === 0) continue;
    const from = `./${relative(dirname(path), polyfill).replaceAll('\\', '/')}`;
    // in the first line, so that the source map stays right
    writeFileSync(path, `import { ${used.join(', ')} } from '${from}';${text}`);
  }
}

rmSync(DIST, { recursive: true, force: true });
compileFaces(DIST);
await bundleOwnFunctions();
await importNewerGlobals();
cpSync(join(ROOT, 'cli/init/template'), join(DIST, 'cli/init/template'), { recursive: true });
chmodSync(join(DIST, 'cli/main.js'), 0o755);
