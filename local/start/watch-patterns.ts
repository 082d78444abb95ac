import { readFileSync } from 'node:fs';
import { dirname, join, matchesGlob, sep } from 'node:path';
import { isObject, objectAt, stringAt, toList } from '../template/json.ts';
import { UsageError } from './usage-error.ts';

/** What of a project is watched: `watch` of its cdk.json, as `cdk watch` reads it. */
export interface WatchPatterns {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** @param path of a file or folder, relative to the project's folder */
  includes(path: string): boolean;
  /** The same for a folder that is not to be entered. */
  excludes(path: string): boolean;
}

const EVERYTHING = ['**'];

/**
 * `cdk watch` leaves these out too: its output, dependencies, and what begins with a dot; the last is what editors keep beside a file.
 * @see https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-watch.html
 */
const ALWAYS_EXCLUDED = ['**/node_modules', '**/.*', '**/*~'];

/** Where the CDK CLI writes, unless cdk.json says otherwise. */
const DEFAULT_OUTPUT = 'cdk.out';

/** @throws UsageError `LOCAL_USAGE` when cdk.json cannot be read, or its patterns are no texts */
export function readWatchPatterns(projectFolder: string): WatchPatterns {
  const settings = readCdkJson(projectFolder);
  const watch = objectAt(settings, 'watch');
  const include = patternsAt(watch, 'include') ?? EVERYTHING;
  const exclude = patternsAt(watch, 'exclude') ?? [];
  const excluded = [...exclude, ...ALWAYS_EXCLUDED, stringAt(settings, 'output') ?? DEFAULT_OUTPUT];
  return {
    include,
    exclude,
    includes: (path) => matchesAny(path, include),
    excludes: (path) => matchesAny(path, excluded),
  };
}

/** A pattern that matches a folder holds for all that is in it. */
function matchesAny(path: string, patterns: readonly string[]): boolean {
  for (let part = path; part !== '.' && part !== sep; part = dirname(part)) {
    if (patterns.some((pattern) => matchesGlob(part, pattern))) return true;
  }
  return false;
}

function readCdkJson(projectFolder: string): unknown {
  const file = join(projectFolder, 'cdk.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new UsageError(`--watch reads what is watched from '${file}', which is missing or no JSON`, { cause });
  }
}

function patternsAt(watch: unknown, name: string): readonly string[] | undefined {
  const value = isObject(watch) ? watch[name] : undefined;
  if (value === undefined) return undefined;
  const patterns = toList(value);
  const texts = patterns.filter((pattern) => typeof pattern === 'string');
  if (texts.length === patterns.length) return texts;
  throw new UsageError(`watch.${name} of cdk.json must be a pattern or a list of them, got ${JSON.stringify(value)}`);
}
