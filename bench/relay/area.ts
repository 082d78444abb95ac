import type { Measures } from '../area.ts';
import { measureCalls } from './calls.ts';
import { measureCpu } from './cpu.ts';

export const measures: Measures = { calls: measureCalls, cpu: measureCpu };
