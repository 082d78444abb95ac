import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { nearestOf } from '../../lib/shared/nearest.ts';
import { UsageError } from './usage-error.ts';
import { readWatchPatterns, type WatchPatterns } from './watch-patterns.ts';

/** Shorter words are in every text. */
const LEAST_LETTERS = 3;

/**
 * Refuses names of `--logs` of which a word is nowhere in the sources that cdk.json watches: nobody logs under them. Who does
 * is known only after the synthesis, which takes long. Names with capital letters pass: CloudFormation may have made them up.
 * @throws UsageError `LOCAL_USAGE`
 */
export function refuseUnmentionedLogs(logs: readonly string[], projectFolder: string): void {
  const names = logs.filter((name) => name === name.toLowerCase());
  if (names.length === 0) return;
  const text = sourcesOf(projectFolder, readWatchPatterns(projectFolder)).join('\n');
  const unmentioned = names.filter((name) => wordsOf(name).some((word) => !text.includes(word)));
  if (unmentioned.length === 0) return;
  const mentioned = [...new Set([...text.matchAll(/(['"`])([a-z][a-z\d-]+)\1/g)].map(([, , name = '']) => name))];
  const problems = unmentioned.map((name) => {
    const guess = nearestOf(name, mentioned);
    const meant = guess === undefined ? '' : `; did you mean '${guess}'?`;
    return `--logs must name a consumer or function, got '${name}', which no source mentions${meant}`;
  });
  throw new UsageError(problems.join('; '));
}

const wordsOf = (name: string): readonly string[] =>
  name.split(/[^a-z\d]+/).filter((word) => word.length >= LEAST_LETTERS);

function sourcesOf(
  root: string,
  patterns: Pick<WatchPatterns, 'includes' | 'excludes'>,
  folder = root,
): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    const own = relative(root, path);
    if (patterns.excludes(own)) return [];
    if (entry.isDirectory()) return sourcesOf(root, patterns, path);
    return entry.isFile() && patterns.includes(own) ? [readFileSync(path, 'utf8')] : [];
  });
}
