import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createMovableClock } from '../clock.ts';
import type { LocalRun } from '../run.ts';
import type { SynthesizeOptions } from '../synthesis/synthesize.ts';
import { DeploymentError, TemplateRefusedError } from '../template/errors.ts';
import type { UpdateResult } from '../template/update-result.ts';
import type { Screen } from '../view/screen.ts';
import { seconds } from '../view/seconds.ts';
import type { AppBuilder } from './app-builder.ts';
import { createTypeCheck } from './type-check.ts';
import { watchFiles } from './watch-files.ts';
import { readWatchPatterns } from './watch-patterns.ts';

export interface FollowChangesOptions {
  /** Has built what runs. */
  readonly builder: AppBuilder;
  readonly run: { readonly lambda: Pick<LocalRun['lambda'], 'replaceCode' | 'checkStarts'> };
  /** What people call a function, by its name. */
  readonly nameOf: (functionName: string) => string;
  /** Deploys the assembly of a folder over what runs. */
  readonly update: (assemblyFolder: string) => Promise<UpdateResult>;
  /** Holds `cdk.json`, which says what is watched. */
  readonly projectFolder: string;
  /** The folder as messages name it, where several apps are followed. @default - not at all */
  readonly shownFolder?: string;
  /** CDK context that the app is synthesized with. */
  readonly context: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>);
  /** Where its stacks are deployed, if they may ask for it. @default - they are not told */
  readonly place?: SynthesizeOptions['place'];
  /** Gets the newer assemblies; it MUST stay as long as the run. */
  readonly assembliesFolder: string;
  readonly screen: Screen;
  /** Ends a synthesis that is under way. */
  readonly signal: AbortSignal;
}

export interface FollowedChanges extends Disposable {
  /** Does as for a file that was saved. @param what what has changed, as messages name it */
  synthesizeAgain(what: string): void;
}

/**
 * Takes over what is saved, until it is disposed of: code alone is bundled and given to the functions that it is part of; for
 * all else the app is synthesized, and the result is deployed over what runs.
 * @throws UsageError `LOCAL_USAGE` when cdk.json does not say what is watched
 */
export function followChanges(options: FollowChangesOptions): FollowedChanges {
  const { projectFolder, shownFolder, assembliesFolder, screen, signal, builder } = options;
  const patterns = readWatchPatterns(projectFolder);
  const clock = createMovableClock();
  const types = createTypeCheck({ projectFolder, folder: assembliesFolder, screen });
  let pending: Change | undefined;
  let isAtWork = false;
  /** Whether what runs is older than what was saved, since the last synthesis failed. */
  let isBehind = false;

  const takeOver = async (isOnlyCode: boolean): Promise<readonly string[]> => {
    if (isOnlyCode) return describeNewCode(options, await builder.replaceCode(options.run.lambda));
    isBehind = true;
    const lines = describeUpdate(await deployChange(options));
    isBehind = false;
    const withNewCode = builder.giveNewest(options.run.lambda);
    void builder.checkStarts(options.run.lambda);
    return withNewCode.length === 0 ? lines : [...lines, ...describeNewCode(options, withNewCode)];
  };

  const work = async () => {
    isAtWork = true;
    for (let change = pending; change !== undefined && !signal.aborted; change = pending) {
      pending = undefined;
      const isOnlyCode = change.isOnlyCode && !isBehind;
      screen.line(`${change.what} changed: ${isOnlyCode ? 'bundling' : 'synthesizing'} …`);
      const startedAt = clock.now();
      try {
        for (const line of await takeOver(isOnlyCode)) screen.line(line);
        screen.line(`(${seconds(clock.now() - startedAt)})`);
        types?.check();
      } catch (error) {
        if (signal.aborted) break;
        screen.warn(screen.paint.warn('red', describeFailure(error)));
      }
    }
    isAtWork = false;
  };

  const add = (change: Change) => {
    pending = { ...change, isOnlyCode: change.isOnlyCode && (pending?.isOnlyCode ?? true) };
    if (!isAtWork) void work();
  };
  const synthesizeAgain = (what: string) => add({ what, isOnlyCode: false });

  const where = shownFolder === undefined ? '' : ` in ${shownFolder}`;
  screen.line(`Watching ${patterns.include.join(', ')}${where}: what is saved there is taken over.`);
  const watcher = watchFiles({
    folder: projectFolder,
    patterns,
    clock,
    onChange(paths) {
      const last = paths.at(-1) ?? '';
      const isOnlyCode = paths.every((path) => builder.isOnlyCode(projectFolder, join(projectFolder, path)));
      add({ what: join(shownFolder ?? '', last), isOnlyCode });
    },
    onError: (error) => screen.warn(`cannot watch any more: ${error.message}`),
  });
  return {
    synthesizeAgain,
    [Symbol.dispose]() {
      watcher[Symbol.dispose]();
      types?.[Symbol.dispose]();
    },
  };
}

/** What was saved and is not taken over yet. */
interface Change {
  /** One of the files, as messages name it. */
  readonly what: string;
  readonly isOnlyCode: boolean;
}

const describeNewCode = ({ nameOf }: FollowChangesOptions, functionNames: readonly string[]): readonly string[] =>
  functionNames.length === 0
    ? ['No function changed.']
    : [`new code: ${functionNames.map(nameOf).toSorted().join(', ')}`];

async function deployChange({
  builder,
  projectFolder,
  update,
  context,
  place,
  signal,
  assembliesFolder,
}: FollowChangesOptions): Promise<UpdateResult> {
  const outputFolder = await mkdtemp(join(assembliesFolder, 'change-'));
  let isInUse = false;
  try {
    await builder.build({
      projectFolder,
      outputFolder,
      context: typeof context === 'function' ? context() : context,
      signal,
      ...(place === undefined ? {} : { place }),
    });
    const result = await update(outputFolder);
    isInUse = true;
    return result;
  } catch (error) {
    // what was updated before the failure stays, and its code is there
    isInUse = error instanceof DeploymentError;
    throw error;
  } finally {
    if (!isInUse) await rm(outputFolder, { recursive: true, force: true });
  }
}

const KINDS = ['created', 'updated', 'replaced', 'deleted', 'retained', 'undeleted'] as const;

/** One line for each kind of change. */
export function describeUpdate(result: UpdateResult): string[] {
  const lines = KINDS.flatMap((kind) => (result[kind].length === 0 ? [] : [`${kind}: ${result[kind].join(', ')}`]));
  return lines.length === 0 ? ['No resource changed.'] : lines;
}

/** What became of the change, and why. */
export function describeFailure(error: unknown): string {
  if (error instanceof TemplateRefusedError) {
    return `Refused, and nothing was touched: ${error.problems.join('; ')}. The run goes on as it is.`;
  }
  if (error instanceof DeploymentError) {
    const isBack = error.rollback?.state !== 'UPDATE_ROLLBACK_FAILED';
    return `${isBack ? 'Rolled back' : 'Not rolled back'}: ${error.message}. The run goes on${isBack ? ' as it was' : ''}.`;
  }
  return `${error instanceof Error ? error.message : String(error)}\nThe run goes on as it is.`;
}
