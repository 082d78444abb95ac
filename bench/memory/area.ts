import type { Measures } from '../area.ts';
import { measureConsumerMemory } from './consumer.ts';

export const measures: Measures = {
  strict: measureConsumerMemory('strict'),
  fifo: measureConsumerMemory('fifo'),
};
