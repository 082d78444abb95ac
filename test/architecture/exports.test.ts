import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

const ROOT = join(import.meta.dirname, '../..');

const read = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

const target = z.object({ 'waybill-source': z.string(), types: z.string(), default: z.string() });
const { './package.json': _manifest, ...faces } = z
  .object({ exports: z.looseObject({ './package.json': z.literal('./package.json') }) })
  .parse(read('package.json')).exports;
const sourceOf = (face: unknown): string => target.parse(face)['waybill-source'];

/** As Node resolves it for whoever depends on the package. */
const resolve = createRequire(join(ROOT, 'package.json')).resolve;

describe.each([
  'waybill/dist/lib/index.js',
  'waybill/dist/lib/outbox/outbox.js',
  'waybill/lib/index.ts',
  'waybill/lib/outbox',
  'waybill/infra/settings.ts',
  'waybill/local/run.ts',
  'waybill/cli/main.ts',
])("'%s'", (path) => {
  it('cannot be imported', () => {
    expect(() => resolve(path)).toThrow(expect.objectContaining({ code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' }));
  });
});

describe.each(Object.entries(faces))("face '%s'", (path, face) => {
  it('leads to its source in the repository', () => {
    expect(existsSync(join(ROOT, sourceOf(face)))).toBe(true);
  });

  it('leads to what the compiler makes of that source in the package', () => {
    const compiled = `./dist/${sourceOf(face).slice('./'.length, -'.ts'.length)}`;

    expect(face).toMatchObject({ types: `${compiled}.d.ts`, default: `${compiled}.js` });
  });

  it('is compiled', () => {
    const { files } = z.object({ files: z.array(z.string()) }).parse(read('build/tsconfig.json'));

    expect(files).toContain(`../${sourceOf(face).slice('./'.length)}`);
  });

  it('has its report', () => {
    const name = `waybill${path.slice(1).replace('/', '-')}`;

    expect(existsSync(join(ROOT, 'build/api', `${name}.api.md`))).toBe(true);
  });
});
