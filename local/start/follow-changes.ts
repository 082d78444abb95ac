import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createMovableClock } from '../clock.ts';
import { synthesize } from '../synthesize.ts';
import { DeploymentError, TemplateRefusedError } from '../template/errors.ts';
import type { UpdateResult } from '../template/update-result.ts';
import type { Screen } from '../view/screen.ts';
import { seconds } from '../view/seconds.ts';
import type { RunningApp } from './start-app.ts';
import { watchFiles } from './watch-files.ts';
import { readWatchPatterns } from './watch-patterns.ts';

export interface FollowChangesOptions extends Pick<RunningApp, 'update'> {
  /** Holds `cdk.json`, which says what is watched. */
  readonly projectFolder: string;
  /** CDK context that the app was synthesized with. */
  readonly context: Readonly<Record<string, string>>;
  /** Gets the newer assemblies; it MUST stay as long as the run. */
  readonly assembliesFolder: string;
  readonly screen: Screen;
  /** Ends a synthesis that is under way. */
  readonly signal: AbortSignal;
}

/**
 * Synthesizes on save and deploys the result over what runs, until it is disposed of.
 * @throws UsageError `LOCAL_USAGE` when cdk.json does not say what is watched
 */
export function followChanges(options: FollowChangesOptions): Disposable {
  const { projectFolder, screen, signal } = options;
  const patterns = readWatchPatterns(projectFolder);
  const clock = createMovableClock();
  let changedPath: string | undefined;
  let isAtWork = false;

  const work = async () => {
    isAtWork = true;
    for (let path = changedPath; path !== undefined && !signal.aborted; path = changedPath) {
      changedPath = undefined;
      screen.line(`${path} changed: synthesizing …`);
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

  screen.line(`Watching ${patterns.include.join(', ')}: what is saved there is taken over.`);
  return watchFiles({
    folder: projectFolder,
    patterns,
    clock,
    onChange(path) {
      changedPath = path;
      if (!isAtWork) void work();
    },
    onError: (error) => screen.warn(`cannot watch any more: ${error.message}`),
  });
}

async function deployChange({
  projectFolder,
  update,
  context,
  signal,
  assembliesFolder,
}: FollowChangesOptions): Promise<UpdateResult> {
  const outputFolder = await mkdtemp(join(assembliesFolder, 'change-'));
  let isInUse = false;
  try {
    await synthesize({ projectFolder, outputFolder, context, signal });
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
