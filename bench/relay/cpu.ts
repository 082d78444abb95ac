import type { EventPublisher } from '../../lib/outbox/relay/ports.ts';
import type { BenchContext } from '../area.ts';
import { medianOf } from '../measure.ts';
import { figure, type Report } from '../report.ts';
import { createBenchRelay } from './bench-relay.ts';
import { streamBatch } from './stream-batches.ts';

const BATCH = 100;
const BATCHES = 200;
const EVENT_BYTES = 1_000;

/** Accepts all, looks at nothing: what is left is the relay itself. */
const ACCEPTING: EventPublisher = {
  publish: async (entries) => ({
    status: 'answered',
    results: entries.map(() => ({ status: 'accepted', eventId: 'event' })),
  }),
};

/** The relay's own CPU per event, beside parsing the same events once (which it never does). */
export async function measureCpu({ progress }: BenchContext): Promise<Report> {
  progress(`${BATCH * BATCHES} events`);
  const { relay } = createBenchRelay(ACCEPTING);
  const records = streamBatch({ records: BATCH, groups: 20, eventBytes: EVENT_BYTES });
  const bodies = records.map(({ dynamodb }) => dynamodb?.NewImage?.['event']?.S ?? '');
  const perEvent = (work: () => void | Promise<void>) =>
    medianOf(
      async () => {
        const before = process.cpuUsage();
        for (let batch = 0; batch < BATCHES; batch++) await work();
        const { user, system } = process.cpuUsage(before);
        return (user + system) / (BATCH * BATCHES);
      },
      { warmUps: 2, repetitions: 5 },
    );
  const parseMicroseconds = await perEvent(() => {
    for (const body of bodies) JSON.parse(body);
  });
  const relayMicroseconds = await perEvent(() => relay(records));
  return {
    figures: [
      figure({
        name: 'CPU of the relay per event of 1,000 bytes',
        value: relayMicroseconds,
        unit: 'µs',
        beside: { what: 'JSON.parse of the same event, µs', value: parseMicroseconds },
        note: 'reading the stream record, planning, publishing and clearing markers over ports that cost nothing; no SDK',
      }),
    ],
  };
}
