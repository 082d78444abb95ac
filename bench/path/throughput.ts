import { METRIC, type Ordering } from '../../lib/definitions/index.ts';
import type { Intercept } from '../../local/faults/intercept.ts';
import { type BenchRun, startBenchRun } from '../app/start-app.ts';
import type { BenchContext } from '../area.ts';
import { medianOf, millisecondsOf } from '../measure.ts';
import { profileOf } from '../profile.ts';
import { figure, type Report } from '../report.ts';
import { measureCeilings } from './ceilings.ts';
import { cpuPerEvent } from './cpu-per-event.ts';

const REACH_RATIO = { strict: 0.5, fifo: 0.7 } as const satisfies Record<Ordering, number>;
const EVENTS = 1_500;
const GROUPS = 100;
const CONCURRENCY = 16;
const EVENT_BYTES = 1_000;

const LATENCY_EVENTS = 400;
const LATENCY_GROUPS = 4;
/** Of each group: 40 events a second in all. */
const LATENCY_PAUSE_MS = 100;

const PUBLISHING = { events: EVENTS, groups: GROUPS, concurrency: CONCURRENCY, eventBytes: EVENT_BYTES } as const;

/** From the producer's commit to the consumer's, one consumer with one write per event. */
export const measurePath =
  (ordering: Ordering) =>
  async ({ progress }: BenchContext): Promise<Report> => {
    progress('raw transactions and raw FIFO messages');
    const ceilings = await measureCeilings();
    let calls = 0;
    const intercept: Intercept = (_call, next) => {
      calls += 1;
      return next();
    };
    await using bench = await startBenchRun({ ordering, consumers: 1, intercept });
    const sequences = ordering === 'strict' ? 'outbox' : 'aggregate';
    const pass = () => millisecondsOf(() => publishAndSettle(bench, sequences));

    progress(`${EVENTS} events over ${GROUPS} groups, as fast as they go`);
    let publishMs = 0;
    const perSecond = await medianOf(async () => {
      bench.reset();
      calls = 0;
      const elapsedMs = await millisecondsOf(async () => {
        publishMs = await publishAndSettle(bench, sequences);
      });
      assertAllHandled(bench, EVENTS);
      return (1000 * EVENTS) / elapsedMs;
    });
    const callsPerEvent = (calls / EVENTS).toFixed(1);
    const cpu = await cpuPerEvent(bench, EVENTS, () => publishAndSettle(bench, sequences));
    const tables = await profileOf(`the engines under the ${ordering} path`, pass);

    progress(`${LATENCY_EVENTS} events, ${(LATENCY_GROUPS * 1000) / LATENCY_PAUSE_MS} a second`);
    bench.reset();
    await bench.publish({
      ...PUBLISHING,
      events: LATENCY_EVENTS,
      groups: LATENCY_GROUPS,
      concurrency: LATENCY_GROUPS,
      sequences,
      pauseMs: LATENCY_PAUSE_MS,
    });
    await bench.settle();
    const p50 = bench.metrics().quantile(METRIC.commitToHandled, 0.5) ?? Number.NaN;
    const p99 = bench.metrics().quantile(METRIC.commitToHandled, 0.99) ?? Number.NaN;

    const slower = Math.min(ceilings.transactionsPerSecond, ceilings.messagesPerSecond);
    return {
      figures: [
        figure({
          name: `${ordering}: events from commit to effect`,
          value: perSecond,
          unit: 'per second',
          beside: { what: "the slower engine's ceiling", value: slower },
          reach: { least: REACH_RATIO[ordering] },
          note: `raw transactions ${Math.round(ceilings.transactionsPerSecond)}/s, raw FIFO messages ${Math.round(ceilings.messagesPerSecond)}/s; the producer alone took ${Math.round((1000 * EVENTS) / publishMs)}/s; an event takes ${callsPerEvent} calls of the engines and ${(cpu.engines + cpu.functions + cpu.producer).toFixed(1)} ms of CPU: engines ${cpu.engines.toFixed(1)}, functions ${cpu.functions.toFixed(1)}, producer ${cpu.producer.toFixed(1)}`,
        }),
        figure({
          name: `${ordering}: CPU per event on the whole path`,
          value: cpu.engines + cpu.functions + cpu.producer,
          unit: 'ms',
          beside: { what: 'a raw transaction, SDK and engine, ms of CPU', value: ceilings.cpuMsPerTransaction },
          note: "what two cores can do at most is this ratio slower than raw transactions, whatever Waybill's own share",
        }),
        figure({
          name: `${ordering}: commit to handled, p99`,
          value: p99,
          unit: 'ms',
          beside: { what: 'p50 of the same run', value: p50 },
          note: `p50 ${p50} ms at ${(LATENCY_GROUPS * 1000) / LATENCY_PAUSE_MS} events/s`,
        }),
      ],
      tables,
    };
  };

async function publishAndSettle(bench: BenchRun, sequences: 'outbox' | 'aggregate'): Promise<number> {
  const publishMs = await bench.publish({ ...PUBLISHING, sequences });
  await bench.settle();
  return publishMs;
}

function assertAllHandled(bench: BenchRun, events: number): void {
  const handled = bench.metrics().count(METRIC.eventsHandled);
  if (handled !== events) throw new Error(`${handled} of ${events} events were handled`);
}
