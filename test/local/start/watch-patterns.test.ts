import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readWatchPatterns } from '../../../local/start/watch-patterns.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-patterns-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function patternsOf(cdkJson: object | string) {
  writeFileSync(join(folder, 'cdk.json'), typeof cdkJson === 'string' ? cdkJson : JSON.stringify(cdkJson));
  return readWatchPatterns(folder);
}

/** Of the paths those that are watched. */
const watched = (cdkJson: object, ...paths: readonly string[]) => {
  const { includes, excludes } = patternsOf(cdkJson);
  return paths.filter((path) => includes(path) && !excludes(path));
};

describe('the watched files of a project', () => {
  it('are all but dependencies, CDK output and names with a leading dot if cdk.json sets nothing', () => {
    const own = ['app.ts', 'lib/deep/down/index.py', 'README.md'];
    const others = [
      'node_modules/a/index.js',
      'lib/node_modules/a.js',
      'cdk.out/tree.json',
      '.git/HEAD',
      'lib/.env',
      'app.ts~',
    ];

    expect(watched({ app: 'node app.ts' }, ...own, ...others)).toStrictEqual(own);
  });

  it('are those that cdk.json includes and does not exclude, by pattern or by folder', () => {
    const watch = { include: ['infra/**', 'lib'], exclude: ['**/*.md', 'lib/generated'] };

    expect(
      watched(
        { watch },
        'infra/app.ts',
        'lib/a/b.ts',
        'lib/a.md',
        'lib/generated/a.ts',
        'test/a.ts',
        'lib/.cache/a.ts',
      ),
    ).toStrictEqual(['infra/app.ts', 'lib/a/b.ts']);
  });

  it('may be given as one pattern or a list, without the output folder that cdk.json names', () => {
    expect(watched({ output: 'build', watch: { include: '**/*.ts' } }, 'a.ts', 'b.js', 'build/a.ts')).toStrictEqual([
      'a.ts',
    ]);
  });

  it('cannot be read if a pattern is not a string or cdk.json is invalid', () => {
    expect(() => patternsOf({ watch: { include: ['lib', 3] } })).toThrow(
      expect.objectContaining({
        code: 'LOCAL_USAGE',
        message: 'watch.include of cdk.json must be a pattern or a list of them, got ["lib",3]',
      }),
    );
    expect(() => patternsOf('{')).toThrow(
      expect.objectContaining({
        code: 'LOCAL_USAGE',
        message: `--watch reads what is watched from '${join(folder, 'cdk.json')}', which is missing or no JSON`,
      }),
    );
  });
});
