import type { Measures } from '../area.ts';
import { measureColdStarts } from './cold-start.ts';
import { measureFunctionStarts } from './function-starts.ts';
import { measureBundles } from './sizes-and-imports.ts';

export const measures: Measures = {
  bundles: measureBundles,
  cold: measureColdStarts,
  functions: measureFunctionStarts,
};
