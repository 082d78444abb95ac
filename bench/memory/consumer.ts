import type { Ordering } from '../../lib/definitions/index.ts';
import type { BenchContext } from '../area.ts';
import { createBenchConsumer, messageOf } from '../consumer/bench-consumer.ts';
import { liveHeapMiB } from '../measure.ts';
import { figure, type Report, type Table } from '../report.ts';

const EVENTS = 100_000;
const WARM_UP = 30_000;
const BATCH = 10;
/** The fakes forget at each look, so that their contents are not taken for the consumer's. */
const LOOK_EVERY = 10_000;
const FLAT_RATIO = 1.1;
const MEBIBYTE = 2 ** 20;

interface Look {
  readonly events: number;
  readonly heapMiB: number;
  readonly residentMiB: number;
}

/** Whether anything grows with the events that one execution environment has handled, each in a group of its own. */
export const measureConsumerMemory =
  (ordering: Ordering) =>
  async ({ progress }: BenchContext): Promise<Report> => {
    progress(`${EVENTS} events through a ${ordering} consumer over fakes`);
    const consumer = createBenchConsumer(ordering, (event, { tx }) => {
      tx.put({ TableName: 'own', Item: { id: event.id } });
    });
    const looks: Look[] = [];
    for (let handled = 0; handled < WARM_UP + EVENTS; handled += BATCH) {
      const Records = Array.from({ length: BATCH }, (_, index) => messageOf(handled + index, 1));
      await consumer.handle({ Records });
      if ((handled + BATCH) % LOOK_EVERY !== 0) continue;
      consumer.forget();
      const heapMiB = await liveHeapMiB();
      looks.push({ events: handled + BATCH, heapMiB, residentMiB: process.memoryUsage().rss / MEBIBYTE });
    }
    const warm = looks.find(({ events }) => events === WARM_UP) ?? { events: 0, heapMiB: 0, residentMiB: 0 };
    const last = looks.at(-1) ?? warm;
    const table: Table = {
      title: `a ${ordering} consumer's memory, MiB`,
      head: ['events', 'heap', 'resident'],
      rows: looks.map(({ events, heapMiB, residentMiB }) => [events, heapMiB, residentMiB]),
    };
    const beside = (value: number) => ({ what: `after the first ${WARM_UP.toLocaleString('en')}`, value });
    const over = `after ${EVENTS.toLocaleString('en')} more events, ${ordering}`;
    return {
      figures: [
        figure({
          name: `live heap ${over}`,
          value: last.heapMiB,
          unit: 'MiB',
          beside: beside(warm.heapMiB),
          reach: { most: FLAT_RATIO },
        }),
        figure({
          name: `resident memory ${over}`,
          value: last.residentMiB,
          unit: 'MiB',
          beside: beside(warm.residentMiB),
          reach: { most: FLAT_RATIO },
        }),
      ],
      tables: [table],
    };
  };
