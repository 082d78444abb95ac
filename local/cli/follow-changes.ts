import { mkdtemp, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createMovableClock } from '../clock.ts';
import type { LocalRun } from '../run.ts';
import { synthesize } from '../synthesize.ts';
import type { UpdateResult } from '../template/update-result.ts';
import { seconds } from '../view/progress.ts';
import type { Screen } from '../view/screen.ts';
import type { AppContext } from './app-context.ts';
import { PROJECT_FOLDER } from './project-folder.ts';
import { watchFiles } from './watch-files.ts';

export interface FollowChangesOptions {
  readonly run: Pick<LocalRun, 'update'>;
  /** What the app is synthesized with. */
  readonly context: AppContext;
  readonly screen: Screen;
  /** Ends a synthesis that is under way. */
  readonly signal: AbortSignal;
  /** Where assemblies are put, each in a folder of its own; it stays as long as the run. */
  readonly assembliesFolder: string;
}

const WATCHED = ['infra', 'functions', 'lib'];

/** Synthesizes on save and lets the run take over what it can, until it is disposed of. */
export function followChanges(options: FollowChangesOptions): Disposable {
  const { screen, signal } = options;
  const clock = createMovableClock();
  let changedPath: string | undefined;
  let isAtWork = false;

  const work = async () => {
    isAtWork = true;
    for (let path = changedPath; path !== undefined && !signal.aborted; path = changedPath) {
      changedPath = undefined;
      screen.line(`${relative(PROJECT_FOLDER, path)} changed: synthesizing …`);
      const startedAt = clock.now();
      try {
        const lines = await takeOver(options);
        for (const line of lines) screen.line(line);
        screen.line(`(${seconds(clock.now() - startedAt)})`);
      } catch (error) {
        if (signal.aborted) break;
        screen.warn(screen.paint.warn('red', error instanceof Error ? error.message : String(error)));
        screen.warn('The run goes on with the code that it has.');
      }
    }
    isAtWork = false;
  };

  screen.line(`Watching ${WATCHED.join(', ')}: what is saved there is taken over.`);
  return watchFiles({
    folders: WATCHED.map((folder) => join(PROJECT_FOLDER, folder)),
    clock,
    onChange(path) {
      changedPath = path;
      if (!isAtWork) void work();
    },
    onError: (error) => screen.warn(`cannot watch any more: ${error.message}`),
  });
}

/** Gives what is to be said about it. */
async function takeOver({ run, context, signal, assembliesFolder }: FollowChangesOptions): Promise<string[]> {
  const outputFolder = await mkdtemp(join(assembliesFolder, 'change-'));
  let isInUse = false;
  try {
    await synthesize({ projectFolder: PROJECT_FOLDER, outputFolder, context, signal });
    isInUse = true;
    return describeUpdate(await run.update(outputFolder));
  } finally {
    if (!isInUse) await rm(outputFolder, { recursive: true, force: true });
  }
}

function describeUpdate(result: UpdateResult): string[] {
  const lines = KINDS.flatMap((kind) => (result[kind].length === 0 ? [] : [`${kind}: ${result[kind].join(', ')}`]));
  return lines.length === 0 ? ['No resource changed.'] : lines;
}

const KINDS = ['created', 'updated', 'replaced', 'deleted', 'retained', 'undeleted'] as const;
