import type { BenchContext } from '../area.ts';
import { figure, type Report } from '../report.ts';
import { createBenchRelay } from './bench-relay.ts';
import { type BatchShape, streamBatch } from './stream-batches.ts';

const EVENTS = 1_000;
/** Of the relay's mapping. */
const BATCH = 100;
const LIMIT = 100;

const SHAPES: Readonly<Record<string, Omit<BatchShape, 'records' | 'eventBytes'>>> = {
  'a group per event': { groups: BATCH },
  'ten groups': { groups: 10 },
  'every other event in one hot group': { groups: BATCH, hotEvery: 2 },
  'one group only': { groups: 1 },
};

/** How many requests the relay makes where every one could be full. */
export async function measureCalls({ progress }: BenchContext): Promise<Report> {
  progress(`${EVENTS} events in batches of ${BATCH}`);
  const figures = [];
  for (const [shape, groups] of Object.entries(SHAPES)) {
    const { relay, publisher, markers } = createBenchRelay();
    for (let done = 0; done < EVENTS; done += BATCH) {
      await relay(streamBatch({ ...groups, records: BATCH, eventBytes: 1_000 }));
    }
    figures.push(
      figure({
        name: `PutEvents calls, ${shape}`,
        value: (1000 * publisher.requests.length) / EVENTS,
        unit: 'per 1,000 events',
        beside: { what: 'limit', value: LIMIT },
        reach: { most: 1 },
        note: `markers cleared with ${markers.requests.deleteBatch} calls`,
      }),
    );
  }
  return { figures };
}
