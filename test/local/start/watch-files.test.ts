import { watch } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/clock.ts';
import { watchFiles } from '../../../local/start/watch-files.ts';
import { readWatchPatterns } from '../../../local/start/watch-patterns.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waybill-watch-'));
  await mkdir(join(folder, 'shop/node_modules/dep'), { recursive: true });
  await mkdir(join(folder, 'docs'));
  await writeFile(join(folder, 'cdk.json'), '{"watch":{"exclude":["**/*.md","docs"]}}');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const save = (name: string) => writeFile(join(folder, name), name);

/** Saves the files one after the other, and gives those that it is told of. */
const toldOf = (...names: string[]) =>
  watching(async ({ told, next }) => {
    for (const name of names) await save(name);
    await next();
    return told;
  });

interface Watching {
  readonly told: readonly string[];
  /** Lets quiet come after what was done, of which it is then told once. */
  next(): Promise<void>;
}

/** Longer than files have to be quiet. */
const QUIET_MS = 1_000;

/** Resolves when the system has told of all that was done in the folder: it tells in order. */
async function allIsSeen(marker: string): Promise<void> {
  const seen = Promise.withResolvers<void>();
  const watcher = watch(folder, { persistent: false }, (_event, name) => void (name === marker && seen.resolve()));
  try {
    await save(marker);
    await seen.promise;
  } finally {
    watcher.close();
  }
}

async function watching<Result>(act: (watching: Watching) => Promise<Result>): Promise<Result> {
  const told: string[] = [];
  const clock = createMovableClock(() => 0);
  let known = 0;
  const failed = Promise.withResolvers<never>();
  using _watch = watchFiles({
    folder,
    patterns: readWatchPatterns(folder),
    clock,
    onChange: (paths) => void told.push(paths.at(-1) ?? ''),
    onError: failed.reject,
  });
  const next = async () => {
    await allIsSeen(`marker-${known}.md`);
    clock.advance(QUIET_MS);
    expect(told).toHaveLength(++known);
  };
  // awaited here, or the watch would be over at once
  return await Promise.race([act({ told, next }), failed.promise]);
}

describe('watchFiles', () => {
  it('reports files in folders of any depth', async () => {
    expect(await toldOf('shop/handler.ts')).toEqual(['shop/handler.ts']);
  });

  it('reports files that are saved together once', async () => {
    expect(await toldOf('one.ts', 'two.ts', 'three.json')).toEqual(['three.json']);
  });

  it('ignores dependencies, files of editors, and what cdk.json excludes', async () => {
    const passedBy = [
      'shop/node_modules/dep/index.js',
      '.handler.ts.swp',
      'handler.ts~',
      'notes.md',
      '.hidden.ts',
      'docs/page.ts',
    ];

    expect(await toldOf('handler.ts', ...passedBy)).toEqual(['handler.ts']);
  });

  it('reports a file each time that an editor replaces it', async () => {
    const told = await watching(async ({ told, next }) => {
      for (let time = 1; time <= 3; time++) {
        await save('handler.ts~');
        await rename(join(folder, 'handler.ts~'), join(folder, 'handler.ts'));
        await next();
      }
      return told;
    });

    expect(told).toEqual(['handler.ts', 'handler.ts', 'handler.ts']);
  });

  it('watches folders that are created later', async () => {
    const told = await watching(async ({ told, next }) => {
      await mkdir(join(folder, 'billing'));
      await next();
      await save('billing/index.ts');
      await next();
      return told;
    });

    expect(told).toEqual(['billing', 'billing/index.ts']);
  });

  it('tolerates that a folder is deleted', async () => {
    const told = await watching(async ({ told, next }) => {
      await rm(join(folder, 'shop'), { recursive: true });
      await save('handler.ts');
      await next();
      return told;
    });

    expect(told).toEqual(['handler.ts']);
  });
});
