import { join } from 'node:path';
import { cacheFolderOf } from '../../infra/bundles/content-cache.ts';

const VARIABLE = 'NODE_COMPILE_CACHE';

/** Has a worker keep compiled code for the next one: more than half of a start is compiling. */
export const withCompileCache = (variables: Readonly<Record<string, string>>): Record<string, string> => ({
  ...variables,
  [VARIABLE]: join(cacheFolderOf(process.cwd()), 'node'),
});

/** Node has read it when the worker starts; functions have no such variable in Lambda. */
export function hideCompileCache(): void {
  delete process.env[VARIABLE];
}
