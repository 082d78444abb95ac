import { join } from 'node:path';
import { cacheFolderOf } from '../../infra/bundles/content-cache.ts';
import { COMPILE_CACHE_VARIABLE } from './worker/protocol.ts';

/** Has a worker keep compiled code for the next one: more than half of a start is compiling. */
export const withCompileCache = (variables: Readonly<Record<string, string>>): Record<string, string> => ({
  ...variables,
  [COMPILE_CACHE_VARIABLE]: join(cacheFolderOf(process.cwd()), 'node'),
});
