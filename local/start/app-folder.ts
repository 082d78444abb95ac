import { statSync } from 'node:fs';
import { join } from 'node:path';
import { chaosPlan } from '../faults/chaos-plan.ts';
import type { LocalRunOptions } from '../run.ts';
import { UsageError } from './usage-error.ts';

/**
 * True if the folder is a CDK app's; false if it holds what `cdk synth` wrote.
 * @throws UsageError `LOCAL_USAGE` when it is neither
 */
export function isAppFolder(folder: string): boolean {
  if (isFile(join(folder, 'cdk.json'))) return true;
  if (isFile(join(folder, 'manifest.json'))) return false;
  throw new UsageError(
    `'${folder}' has neither cdk.json nor manifest.json: name the folder of a CDK app, or what cdk synth wrote`,
  );
}

/** Those that hang until their time-out must not hold up the others. */
const ENVIRONMENTS_UNDER_FAULTS = 6;

/** A run's faults, drawn by a seed; none without one. */
export const faultsOf = (chaosSeed: number | undefined): Pick<LocalRunOptions, 'faults' | 'environmentsPerFunction'> =>
  chaosSeed === undefined ? {} : { faults: chaosPlan(chaosSeed), environmentsPerFunction: ENVIRONMENTS_UNDER_FAULTS };

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
