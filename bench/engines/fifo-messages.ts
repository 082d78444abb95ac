import type { BenchContext } from '../area.ts';
import { busyRatioOf, medianOf } from '../measure.ts';
import { profileOf } from '../profile.ts';
import { figure, type Report } from '../report.ts';
import { busyNote } from './busy-note.ts';
import { openBenchEngines } from './open-engines.ts';

const REACH_PER_SECOND = 8_000;
const MESSAGES = 20_000;
const GROUPS = 50;
const CONCURRENCY = 8;

export async function measureFifoMessages({ progress }: BenchContext): Promise<Report> {
  await using bench = await openBenchEngines();
  const pass = async (run: number) => {
    const queue = await bench.createFifoQueue(`messages-${run}`);
    return bench.client.run('passThroughQueue', {
      ...bench.connection,
      queueUrl: queue.url,
      messages: MESSAGES,
      groups: GROUPS,
      concurrency: CONCURRENCY,
      run,
    });
  };
  progress(`${MESSAGES} messages sent, received and deleted by tens over ${GROUPS} groups`);
  const perSecond = await medianOf(pass);
  const busyRatio = await busyRatioOf(() => pass(98));
  const clientCpuRatio = bench.client.cpuRatio();
  const tables = await profileOf('FIFO send, receive, delete', () => pass(99));
  return {
    figures: [
      figure({
        name: 'FIFO messages sent, received and deleted by tens',
        value: perSecond,
        unit: 'per second',
        beside: { what: 'reach', value: REACH_PER_SECOND },
        reach: { least: 1 },
        note: busyNote(perSecond, busyRatio, clientCpuRatio),
      }),
    ],
    tables,
  };
}
