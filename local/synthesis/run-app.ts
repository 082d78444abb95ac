import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOCAL_RUN_CONTEXT } from '../../infra/bundles/bundle-request.ts';
import { cacheFolderOf } from '../../infra/bundles/content-cache.ts';
import { DEFAULT_ENVIRONMENT } from '../template/pseudo-parameters.ts';
import { readAppSettings } from './app-settings.ts';
import { SynthesisError } from './errors.ts';
import { type LoadedModules, recordModules } from './loaded-modules.ts';
import { reportedProblems } from './reported-problems.ts';
import { runCommand } from './run-command.ts';
import { type SynthesizeOptions, synthEnvironment, synthesize } from './synthesize.ts';

export type RunAppOptions = Omit<SynthesizeOptions, 'app'>;

/**
 * Runs the app of `cdk.json` as the CDK CLI would, without the CLI: it writes the same templates, and leaves its bundles to
 * the local run and CDK's own template checks to `cdk synth`. Where only the CLI knows how to run the app, the CLI does.
 * @returns the modules that the app is made of
 * @throws SynthesisError for what the CLI would refuse: an app that fails, errors of constructs, lookups without an answer
 */
export async function runApp(options: RunAppOptions): Promise<LoadedModules> {
  const { projectFolder, outputFolder, place = DEFAULT_ENVIRONMENT, onOutput, signal } = options;
  signal?.throwIfAborted();
  const settings = readAppSettings(projectFolder);
  const context = { ...settings.context, ...options.context, [LOCAL_RUN_CONTEXT]: 'true' };
  mkdirSync(outputFolder, { recursive: true });
  const modules = recordModules(outputFolder);
  const env = { ...synthEnvironment(place), ...modules.variables, CDK_VALIDATION: 'false' };
  if (settings.app === undefined) {
    await synthesize({ ...options, context: { ...options.context, [LOCAL_RUN_CONTEXT]: 'true' } });
    return modules.read();
  }

  // in a file, because the context may be larger than a variable can be
  const contextFile = join(outputFolder, 'context.json');
  writeFileSync(contextFile, JSON.stringify(context));
  const appEnv = {
    ...env,
    // most of the app's time is the loading of CDK
    NODE_DISABLE_COMPILE_CACHE: undefined,
    NODE_COMPILE_CACHE: join(cacheFolderOf(projectFolder), 'node'),
    CDK_OUTDIR: outputFolder,
    CDK_CONTEXT_JSON: '{}',
    CONTEXT_OVERFLOW_LOCATION_ENV: contextFile,
    CDK_DEFAULT_REGION: place.region,
  };
  const { build } = settings;
  for (const line of [...(build === undefined ? [] : [build]), settings.app]) {
    const { failure, written } = await runCommand(line, { cwd: projectFolder, env: appEnv, onOutput, signal });
    if (failure !== undefined) throw new SynthesisError(`'${line}' failed, ${failure}:\n${written.trim()}`);
  }
  const problems = reportedProblems(outputFolder);
  if (problems.length > 0) throw new SynthesisError(`the app cannot be deployed:\n${problems.join('\n')}`);
  return modules.read();
}
