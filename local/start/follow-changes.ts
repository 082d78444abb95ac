import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createMovableClock } from '../clock.ts';
import { type SynthesizeOptions, synthesize } from '../synthesize.ts';
import { DeploymentError, TemplateRefusedError } from '../template/errors.ts';
import type { UpdateResult } from '../template/update-result.ts';
import type { Screen } from '../view/screen.ts';
import { seconds } from '../view/seconds.ts';
import { watchFiles } from './watch-files.ts';
import { readWatchPatterns } from './watch-patterns.ts';

export interface FollowChangesOptions {
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
 * Synthesizes on save and deploys the result over what runs, until it is disposed of.
 * @throws UsageError `LOCAL_USAGE` when cdk.json does not say what is watched
 */
export function followChanges(options: FollowChangesOptions): FollowedChanges {
  const { projectFolder, shownFolder, screen, signal } = options;
  const patterns = readWatchPatterns(projectFolder);
  const clock = createMovableClock();
  let changed: string | undefined;
  let isAtWork = false;

  const work = async () => {
    isAtWork = true;
    for (let what = changed; what !== undefined && !signal.aborted; what = changed) {
      changed = undefined;
      screen.line(`${what} changed: synthesizing …`);
      const startedAt = clock.now();
      try {
        const lines = describeUpdate(await deployChange(options));
        for (const line of lines) screen.line(line);
        screen.line(`(${seconds(clock.now() - startedAt)})`);
      } catch (error) {
        if (signal.aborted) break;
        screen.warn(screen.paint.warn('red', describeFailure(error)));
      }
    }
    isAtWork = false;
  };

  const synthesizeAgain = (what: string) => {
    changed = what;
    if (!isAtWork) void work();
  };

  const where = shownFolder === undefined ? '' : ` in ${shownFolder}`;
  screen.line(`Watching ${patterns.include.join(', ')}${where}: what is saved there is taken over.`);
  const watcher = watchFiles({
    folder: projectFolder,
    patterns,
    clock,
    onChange: (path) => synthesizeAgain(join(shownFolder ?? '', path)),
    onError: (error) => screen.warn(`cannot watch any more: ${error.message}`),
  });
  return { synthesizeAgain, [Symbol.dispose]: () => watcher[Symbol.dispose]() };
}

async function deployChange({
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
    await synthesize({
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
