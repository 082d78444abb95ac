import { mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { buildKeyOf } from '../../infra/bundles/bundle-request.ts';
import { type RequestedBundle, readRequests } from './requests.ts';
import { openSharedBuild, type SharedBuild } from './shared-build.ts';

/** The code of the functions of a run, as long as it runs: made of their sources, and made again when these change. */
export interface LocalBundles extends AsyncDisposable {
  /**
   * Builds the functions of an assembly, and puts their code into it. A newer assembly of the same app takes the older one's
   * place.
   * @throws BundlingError `LOCAL_BUNDLING_FAILED`
   */
  place(app: string, assemblyFolder: string): Promise<void>;
  /** Builds again what has changed. @throws BundlingError `LOCAL_BUNDLING_FAILED` */
  rebuild(): Promise<void>;
  /** The folder of the newest code of a function. @returns undefined if the code is not one of these bundles */
  newest(codeFolder: string): string | undefined;
  /** Whether a file is part of a bundle. @param path absolute */
  has(path: string): boolean;
}

interface OpenBuild {
  readonly build: SharedBuild;
  readonly keys: readonly string[];
}

/** @param folder gets the code; it MUST stay as long as the run */
export function createLocalBundles(folder: string): LocalBundles {
  mkdirSync(folder, { recursive: true });
  const root = realpathSync(folder);
  const requests = new Map<string, readonly RequestedBundle[]>();
  const builds = new Map<string, OpenBuild>();
  let places = new Map<string, string>();

  /** Opens a build where there is none of these functions. */
  const openBuilds = async () => {
    const groups = Map.groupBy([...requests.values()].flat(), buildKeyOf);
    for (const [name, group] of groups) {
      const keys = [...new Set(group.map(({ key }) => key))].toSorted();
      const open = builds.get(name);
      if (open !== undefined && isDeepStrictEqual(open.keys, keys)) continue;
      builds.set(name, { build: await openSharedBuild(group, root), keys });
      await open?.build[Symbol.asyncDispose]();
    }
    for (const [name, { build }] of builds) {
      if (groups.has(name)) continue;
      builds.delete(name);
      await build[Symbol.asyncDispose]();
    }
  };

  const rebuild = async () => {
    const built = await Promise.all([...builds.values()].map(({ build }) => build.rebuild()));
    places = new Map(built.flatMap((each) => [...each]));
  };

  return {
    async place(app, assemblyFolder) {
      const before = requests.get(app);
      const found = readRequests(assemblyFolder);
      requests.set(app, found);
      try {
        await openBuilds();
        await rebuild();
      } catch (error) {
        if (before === undefined) requests.delete(app);
        else requests.set(app, before);
        await openBuilds();
        throw error;
      }
      for (const { key, assetFolder } of found) {
        const place = places.get(key);
        if (place === undefined) throw new TypeError(`nothing was built for '${assetFolder}'`);
        rmSync(assetFolder, { recursive: true });
        symlinkSync(place, assetFolder, 'junction');
      }
    },
    rebuild,
    newest(codeFolder) {
      if (dirname(codeFolder) !== root) return undefined;
      return places.get(basename(codeFolder).replace(/-[^-]*$/, ''));
    },
    has: (path) => [...builds.values()].some(({ build }) => build.inputs().has(path)),
    async [Symbol.asyncDispose]() {
      for (const { build } of builds.values()) await build[Symbol.asyncDispose]();
    },
  };
}
