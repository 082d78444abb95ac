import type { Measures } from '../area.ts';
import { measureBatch } from './batch-of-groups.ts';

export const measures: Measures = { batch: measureBatch };
