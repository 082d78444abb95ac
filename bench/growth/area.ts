import type { Measures } from '../area.ts';
import { measureConsumerGrowth } from './consumers.ts';
import { measureEventGrowth } from './events.ts';
import { measureGroupGrowth } from './groups.ts';
import { measureHeldGroup } from './held-group.ts';

export const measures: Measures = {
  consumers: measureConsumerGrowth,
  events: measureEventGrowth,
  groups: measureGroupGrowth,
  held: measureHeldGroup,
};
