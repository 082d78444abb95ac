import type { Measures } from '../area.ts';
import { measureConsumerGrowth } from './consumers.ts';
import { measureEventGrowth } from './events.ts';
import { measureGroupCatchUps, measureGroupStarts } from './groups.ts';
import { measureHeldGroup, measureWaitingGroup } from './held-group.ts';

export const measures: Measures = {
  consumers: measureConsumerGrowth,
  events: measureEventGrowth,
  starts: measureGroupStarts,
  catchups: measureGroupCatchUps,
  held: measureHeldGroup,
  waiting: measureWaitingGroup,
};
