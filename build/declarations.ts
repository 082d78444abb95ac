import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..');

/** What the package exports under one name. */
export interface Face {
  /** As it is imported: `waybill/outbox`. */
  readonly name: string;
  /** The file of its declarations, in the folder of all declarations. */
  readonly declarations: string;
}

interface PackageJson {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

/** The faces in the order of `package.json`. */
export function readFaces(): readonly Face[] {
  const { name, exports }: PackageJson = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return Object.entries(exports).flatMap(([path, target]) =>
    typeof target === 'string'
      ? []
      : [{ name: `${name}${path.slice(1)}`, declarations: target.types.replace('./dist/', '') }],
  );
}

/** Runs the compiler on all that the faces and the command need. @param options of `tsc`, such as `--outDir` */
export function compileFaces(outputFolder: string, ...options: readonly string[]): void {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const project = join(import.meta.dirname, 'tsconfig.json');
  execFileSync(process.execPath, [tsc, '--project', project, '--outDir', outputFolder, ...options], {
    stdio: 'inherit',
  });
  for (const file of globSync('**/*.d.ts', { cwd: outputFolder })) {
    const path = join(outputFolder, file);
    writeFileSync(path, withJavaScriptPaths(readFileSync(path, 'utf8')));
  }
}

/** The compiler rewrites the imports of what it emits, and leaves those of declarations. */
const withJavaScriptPaths = (declarations: string): string =>
  declarations.replaceAll(/((?:from|import\(?)\s*["'])(\.{1,2}\/[^"']+)\.ts(["'])/g, '$1$2.js$3');
