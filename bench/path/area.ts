import type { Measures } from '../area.ts';
import { measureClaims } from './claims.ts';
import { measurePath } from './throughput.ts';

export const measures: Measures = {
  strict: measurePath('strict'),
  fifo: measurePath('fifo'),
  claims: measureClaims,
};
