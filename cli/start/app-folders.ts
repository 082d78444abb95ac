import { isAppFolder } from '../../local/start/app-folder.ts';
import { UsageError } from '../../local/start/usage-error.ts';
import { readWatchPatterns } from '../../local/start/watch-patterns.ts';
import type { StartOptions } from './options.ts';

export interface AppFolder {
  /** The folder as given. */
  readonly folder: string;
  /** Whether it is the folder of a CDK app; otherwise it is an output folder of `cdk synth`. */
  readonly isApp: boolean;
}

/**
 * Checks the folders before synthesis.
 * @throws UsageError `LOCAL_USAGE` if a folder is neither a CDK app nor an assembly, or is given twice, if an option
 * does not apply to assemblies, or if an app's cdk.json has no watched files
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
