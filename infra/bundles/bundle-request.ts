import { relative } from 'node:path';
import type { Message } from 'esbuild';
import { describeProject } from '../project.ts';
import type { BundleOptions } from './bundle-content.ts';

/** What the bundle of one function is made of. */
export interface BundleRequest {
  /** Absolute path of the composition root. */
  readonly entry: string;
  /** Absolute path of the project's folder, which holds all that is bundled but packages and other workspaces. */
  readonly root: string;
  readonly options: BundleOptions;
}

/** CDK context, `true` where the local run makes the bundles itself and nobody deploys what is synthesized. */
export const LOCAL_RUN_CONTEXT = 'waybill:localRun';

/** In the asset of a function whose bundle the local run makes: the request as JSON, with `functionPath`. */
export const BUNDLE_REQUEST_FILE = 'waybill-bundle.json';

/** Equal for requests that one build can serve. */
export const buildKeyOf = ({ root, options }: BundleRequest): string => JSON.stringify([root, options]);

/** Equal for requests with the same bundle. */
export const requestKeyOf = ({ entry, root, options }: BundleRequest): string => JSON.stringify([entry, root, options]);

/** What esbuild found wrong with a bundle, in one line: each error with its place, from the project's folder, which is named. */
export function describeErrors(errors: readonly Message[], root: string): string {
  const problems = errors.map(({ text, location, notes }) => {
    const place = location === null ? '' : ` (${placeOf(location, root)})`;
    return [`${text}${place}`, ...notes.map((note) => note.text)].join(' ');
  });
  return `${problems.join('; ')}; the project is ${describeProject(root)}`;
}

function placeOf({ file, line, column }: NonNullable<Message['location']>, root: string): string {
  const path = file.startsWith('/') ? relative(root, file) : file;
  return `${path}:${line}:${column + 1}`;
}
