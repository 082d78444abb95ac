import type { Measures } from '../area.ts';
import { measurePath } from './throughput.ts';

export const measures: Measures = { strict: measurePath('strict'), fifo: measurePath('fifo') };
