import type { Measures } from '../area.ts';
import { measureCost } from './cost.ts';
import { measureFaults } from './faults.ts';
import { measureSpeed } from './speed.ts';

export const measures: Measures = { speed: measureSpeed, cost: measureCost, faults: measureFaults };
