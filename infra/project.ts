import { resolve } from 'node:path';

/** Entries and cdk.json are found from here, whatever the working directory is. */
const PROJECT_ROOT = resolve(import.meta.dirname, '..');

export const projectPath = (path: string): string => resolve(PROJECT_ROOT, path);
