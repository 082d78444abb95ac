import { join } from 'node:path';
import { createLocalBundles } from '../bundles/local-bundles.ts';
import type { Lambda } from '../lambda/lambda.ts';
import type { LoadedModules } from '../synthesis/loaded-modules.ts';
import { runApp } from '../synthesis/run-app.ts';
import { type SynthesizeOptions, synthesize } from '../synthesis/synthesize.ts';

type BuildOptions = Omit<SynthesizeOptions, 'app'>;

/** Makes the assemblies of a run's apps, and the code of their functions. */
export interface AppBuilder extends AsyncDisposable {
  /**
   * Writes the assembly of a project, ready to be deployed on this machine.
   * @throws SynthesisError `LOCAL_SYNTHESIS_FAILED`, BundlingError `LOCAL_BUNDLING_FAILED`
   */
  build(options: BuildOptions): Promise<void>;
  /** Whether a changed file takes effect by `replaceCode` alone. @param path absolute */
  isOnlyCode(projectFolder: string, path: string): boolean;
  /**
   * Bundles again what has changed, and gives it to the functions that it is part of.
   * @returns their names
   * @throws BundlingError `LOCAL_BUNDLING_FAILED`
   */
  replaceCode(lambda: Pick<Lambda, 'replaceCode'>): Promise<readonly string[]>;
  /** Tells the run's failed starts of functions whose code cannot be loaded, as the synthesis of a deployment does. */
  checkStarts(lambda: Pick<Lambda, 'checkStarts'>): Promise<void>;
  /** What an update of the templates has not given to functions. @returns their names */
  giveNewest(lambda: Pick<Lambda, 'replaceCode'>): readonly string[];
}

/** What a run leaves out without `--release`, for people. */
export const LEFT_OUT =
  'Quick start: functions share unminified code, and the checks of cdk synth (template rules, cdk-nag) are left out; --release has them.';

export interface AppBuilderOptions {
  /** Whether assemblies are those of a deployment: the bundles and validations of `cdk synth`. */
  readonly release: boolean;
  /** Gets the code; it MUST stay as long as the run. */
  readonly folder: string;
}

export const createAppBuilder = ({ release, folder }: AppBuilderOptions): AppBuilder =>
  release ? createReleaseBuilder() : createQuickBuilder(join(folder, 'code'));

/** What `cdk deploy` would take. */
const createReleaseBuilder = (): AppBuilder => ({
  build: synthesize,
  isOnlyCode: () => false,
  replaceCode: async () => [],
  checkStarts: async () => {},
  giveNewest: () => [],
  [Symbol.asyncDispose]: async () => {},
});

/** The app may read other files as well, without a trace. */
const MODULE = /\.[cm]?[jt]sx?$/;

function createQuickBuilder(folder: string): AppBuilder {
  const bundles = createLocalBundles(folder);
  const modules = new Map<string, LoadedModules>();
  const giveNewest = (lambda: Pick<Lambda, 'replaceCode'>) => lambda.replaceCode(bundles.newest);
  return {
    async build(options) {
      const { projectFolder, outputFolder } = options;
      const loaded = await runApp(options);
      options.signal?.throwIfAborted();
      await bundles.place(projectFolder, outputFolder);
      modules.set(projectFolder, loaded);
    },
    isOnlyCode: (projectFolder, path) =>
      MODULE.test(path) && bundles.has(path) && modules.get(projectFolder)?.has(path) === false,
    async replaceCode(lambda) {
      await bundles.rebuild();
      return giveNewest(lambda);
    },
    checkStarts: (lambda) => lambda.checkStarts(),
    giveNewest,
    [Symbol.asyncDispose]: () => bundles[Symbol.asyncDispose](),
  };
}
