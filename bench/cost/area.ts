import type { Ordering } from '../../lib/definitions/index.ts';
import type { Measures } from '../area.ts';
import { type CostCase, measureCosts } from './scenarios.ts';

const KB = 1024;
/** With keys and routing copies its item in the log stays within one write unit. */
const SMALL_BYTES = 740;

const casesOf = (ordering: Ordering, reachUsd: number): readonly CostCase[] => {
  const one = { ordering, consumers: 1, eventBytes: KB, batching: 'tens' } as const;
  return [
    { ...one, name: `${ordering}, 1 consumer, 1 KB, batches of ten`, reachUsd },
    {
      ...one,
      name: `${ordering}, 1 consumer, ${SMALL_BYTES} bytes, batches of ten`,
      eventBytes: SMALL_BYTES,
      reachUsd,
    },
    { ...one, name: `${ordering}, 1 consumer, 1 KB, batches of ten, claims before the handler`, claim: 'before' },
    { ...one, name: `${ordering}, 1 consumer, 1 KB, batches of ten, stored plain`, compressEvents: false },
    { ...one, name: `${ordering}, 5 consumers, 1 KB, batches of ten`, consumers: 5 },
    { ...one, name: `${ordering}, 1 consumer, 20 KB, batches of ten`, eventBytes: 20 * KB },
    {
      ...one,
      name: `${ordering}, 1 consumer, 20 KB, batches of ten, stored plain`,
      eventBytes: 20 * KB,
      compressEvents: false,
    },
    { ...one, name: `${ordering}, 5 consumers, 20 KB, batches of ten`, consumers: 5, eventBytes: 20 * KB },
    { ...one, name: `${ordering}, 1 consumer, 1 KB, single events`, batching: 'single' },
  ];
};

export const measures: Measures = {
  strict: measureCosts(casesOf('strict', 8.5)),
  fifo: measureCosts(casesOf('fifo', 6.2)),
};
