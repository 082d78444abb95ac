import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchFiles } from '../../../local/cli/watch-files.ts';
import { createMovableClock } from '../../../local/clock.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waybill-watch-'));
  await mkdir(join(folder, 'shop/node_modules/dep'), { recursive: true });
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Saves the files one after the other, and gives those that it is told of. */
async function toldOf(...names: string[]): Promise<string[]> {
  const told: string[] = [];
  const failed = Promise.withResolvers<never>();
  using _watch = watchFiles({
    folders: [folder],
    clock: createMovableClock(),
    onChange: (path) => void told.push(path.slice(folder.length + 1)),
    onError: failed.reject,
  });
  for (const name of names) await writeFile(join(folder, name), name);
  await Promise.race([expect.poll(() => told.length, { timeout: 5000 }).toBeGreaterThan(0), failed.promise]);
  return told;
}

describe('watchFiles', () => {
  it('tells of files in folders of any depth', async () => {
    expect(await toldOf('shop/handler.ts')).toEqual(['shop/handler.ts']);
  });

  it('tells once of files that are saved together', async () => {
    expect(await toldOf('one.ts', 'two.ts', 'three.json')).toEqual(['three.json']);
  });

  it('passes by dependencies, what editors keep, and what is no source', async () => {
    const passedBy = ['shop/node_modules/dep/index.js', '.handler.ts.swp', 'handler.ts~', 'notes.md', '.hidden.ts'];

    expect(await toldOf('handler.ts', ...passedBy)).toEqual(['handler.ts']);
  });
});
