import type { Measures } from '../area.ts';
import { measureConsumerGrowth } from './consumers.ts';
import { measureEventGrowth } from './events.ts';

export const measures: Measures = { consumers: measureConsumerGrowth, events: measureEventGrowth };
