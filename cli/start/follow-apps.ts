import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type FollowChangesOptions, type FollowedChanges, followChanges } from '../../local/start/follow-changes.ts';
import { hubContextOf } from '../../local/start/hub-context.ts';
import type { RunningApp } from '../../local/start/start-app.ts';
import type { UpdateResult } from '../../local/template/update-result.ts';
import type { AppFolder } from './app-folders.ts';

export interface FollowAppsOptions
  extends Pick<FollowChangesOptions, 'builder' | 'assembliesFolder' | 'screen' | 'signal'> {
  /** In the order of their deployment. */
  readonly apps: readonly AppFolder[];
  /** The running parts of each app. */
  readonly assemblies: readonly string[];
  readonly app: RunningApp;
  /** CDK context for the synthesis of all apps. */
  readonly context: Readonly<Record<string, string>>;
}

/**
 * Watches each app for changes. After a change of a hub, later apps look it up again.
 * @throws UsageError `LOCAL_USAGE` if a cdk.json has no watched files
 */
export function followApps({ apps, app, context, ...options }: FollowAppsOptions): Disposable {
  using opened = new DisposableStack();
  const { run } = app;
  const inTurn = createTurns();
  let deployed = options.assemblies;
  const followed = new Map<number, FollowedChanges>();

  const deploy = async (index: number, assemblyFolder: string): Promise<UpdateResult> => {
    const before = hubContextOf(run.deployment);
    const next = deployed.with(index, assemblyFolder);
    const result = await app.update(next);
    deployed = next;
    if (!isDeepStrictEqual(before, hubContextOf(run.deployment))) {
      for (const [other, changes] of followed) if (other > index) changes.synthesizeAgain('the hub');
    }
    return result;
  };

  for (const [index, { folder, isApp }] of apps.entries()) {
    if (!isApp) continue;
    const { builder, assembliesFolder, screen, signal } = options;
    const changes = followChanges({
      builder,
      run,
      nameOf: (functionName) => app.topology.serviceNames.get(functionName) ?? functionName,
      projectFolder: resolve(folder),
      ...(apps.length === 1 ? {} : { shownFolder: folder }),
      context: () => (index === 0 ? context : { ...context, ...hubContextOf(run.deployment) }),
      ...(index === 0 ? {} : { place: run.deployment }),
      update: (assemblyFolder) => inTurn(() => deploy(index, assemblyFolder)),
      assembliesFolder,
      screen,
      signal,
    });
    followed.set(index, opened.use(changes));
  }
  return opened.move();
}

/** Runs updates one after another, because a run accepts one at a time. */
function createTurns(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work, work);
    last = turn;
    return turn;
  };
}
