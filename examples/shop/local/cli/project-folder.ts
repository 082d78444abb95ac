import { resolve } from 'node:path';

/** Holds `cdk.json` and the sources of the stacks. */
export const PROJECT_FOLDER = resolve(import.meta.dirname, '../../../..');
