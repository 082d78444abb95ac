import type { Measures } from '../area.ts';
import { measureBundles } from './sizes-and-imports.ts';

export const measures: Measures = { bundles: measureBundles };
