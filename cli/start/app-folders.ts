import { isAppFolder } from '../../local/start/app-folder.ts';
import { UsageError } from '../../local/start/usage-error.ts';
import { readWatchPatterns } from '../../local/start/watch-patterns.ts';
import type { StartOptions } from './options.ts';

export interface AppFolder {
  /** As it was given. */
  readonly folder: string;
  /** Whether it holds a CDK app; else it is what `cdk synth` wrote. */
  readonly isApp: boolean;
}

/**
 * Looks at the folders before anything is synthesized.
 * @throws UsageError `LOCAL_USAGE` when one is neither a CDK app's nor an assembly, when one is given twice, when options are
 * given that assemblies have no use for, and when an app does not say what is watched
 */
export function readAppFolders({ folders, context, watch }: StartOptions): readonly AppFolder[] {
  const apps = folders.map((folder) => ({ folder, isApp: isAppFolder(folder) }));
  const twice = folders.find((folder, index) => folders.indexOf(folder) !== index);
  if (twice !== undefined) throw new UsageError(`'${twice}' is given twice: name each app once`);
  const useless = [...(Object.keys(context).length > 0 ? ['--env and --context'] : []), ...(watch ? ['--watch'] : [])];
  if (useless.length > 0 && !apps.some(({ isApp }) => isApp)) {
    throw new UsageError(
      `${useless.join(' and ')} need a folder with cdk.json, and '${folders.join("' and '")}' is what cdk synth wrote: name the app's folder`,
    );
  }
  if (watch) for (const { folder, isApp } of apps) if (isApp) readWatchPatterns(folder);
  return apps;
}
