import type { Measures } from '../area.ts';
import { measureEnvironmentStarts } from './environment-starts.ts';
import { measureWatch } from './watch.ts';

export const measures: Measures = { watch: measureWatch, starts: measureEnvironmentStarts };
