import type { Cursor, EventOutcome } from '../../lib/consumer/index.ts';
import {
  createReconciliation,
  type LogItem,
  type LogPage,
  type ReconciledConsumer,
  usdOf,
} from '../../lib/operations/index.ts';
import type { EpochMs, EpochSeconds } from '../../lib/shared/time.ts';
import type { Measures } from '../area.ts';
import { figure, type Report } from '../report.ts';

/**
 * Reconciles a log of a million events that is made up page by page: what it costs in read units, processor time and
 * memory. No engine of a laptop holds it; the answers of the tables are immediate.
 */

/** A page is 1 MB, and an eventually consistent read unit 8 KB of it. */
const ITEM_BYTES = 1_100;
const ITEMS_PER_PAGE = Math.floor(1_048_576 / ITEM_BYTES);
const PAGE_UNITS = 128;

const EVENTS = 1_000_000;
const EVENTS_PER_GROUP = 5;
const NOW = 1_795_154_400_000 as EpochMs;
const COMMITTED_AT = (NOW - 3_600_000) as EpochMs;
const EXPIRES = (NOW / 1000 + 864_000) as EpochSeconds;

const CURSOR: Cursor = {
  processed: EVENTS_PER_GROUP,
  seen: EVENTS_PER_GROUP,
  blockedBy: undefined,
  generation: 0,
  revision: 1,
};
const HANDLED: EventOutcome = { kind: 'handled' };

function itemAt(index: number): LogItem {
  const place = index % (EVENTS_PER_GROUP + 1);
  const group = `order#${(index - place) / (EVENTS_PER_GROUP + 1)}`;
  if (place === 0) return { kind: 'head', group, last: EVENTS_PER_GROUP, lastExpires: EXPIRES, versioned: false };
  const event = { group, sequence: place, id: `${group}/${place}`, source: '/orders', type: 'placed' };
  return { kind: 'event', ...event, committedAt: COMMITTED_AT, expires: EXPIRES, previousExpires: EXPIRES };
}

function consumerOf(name: string, isStrict: boolean, count: (calls: number) => void): ReconciledConsumer {
  const reads = {
    cursors: isStrict
      ? {
          read: async (groups: readonly string[]) => {
            count(Math.ceil(groups.length / 100));
            return new Map(groups.map((group) => [group, CURSOR]));
          },
        }
      : undefined,
    outcomes: {
      of: async (events: readonly unknown[]) => {
        count(Math.ceil(events.length / 100));
        return events.map(() => HANDLED);
      },
    },
  };
  const empty = async () => ({ visible: 0, inFlight: 0 });
  return {
    name,
    takes: () => true,
    glance: reads,
    certain: reads,
    depths: { queue: empty, deadLetters: empty, undeliverable: empty },
    queueRetentionMs: 345_600_000,
    accountableSince: async () => ({ grouped: 0 as EpochMs, alone: 0 as EpochMs, cursors: 0 as EpochMs }),
  };
}

async function reconcileLog(events: number, strict: number, fifo: number) {
  const items = Math.ceil(events / EVENTS_PER_GROUP) * (EVENTS_PER_GROUP + 1);
  let calls = 0;
  let peak = 0;
  const count = (more: number) => {
    calls += more;
  };
  const consumers = [
    ...Array.from({ length: strict }, (_, at) => consumerOf(`strict-${at}`, true, count)),
    ...Array.from({ length: fifo }, (_, at) => consumerOf(`fifo-${at}`, false, count)),
  ];
  const reconciliation = createReconciliation(
    {
      walker: {
        async page({ after }): Promise<LogPage> {
          count(1);
          const start = after === undefined ? 0 : after.sequence;
          const length = Math.min(ITEMS_PER_PAGE, items - start);
          const next = start + length < items ? { group: '', sequence: start + length } : undefined;
          return { items: Array.from({ length }, (_, at) => itemAt(start + at)), readUnits: PAGE_UNITS, next };
        },
      },
      log: { find: async () => undefined },
      places: { read: async () => [], places: async () => [], end: async () => undefined },
      markers: { statesOf: async (places) => places.map(() => ({ kind: 'published' })) },
      consumers,
      clock: { now: () => NOW },
      sleep: async () => undefined,
      readLimiter: { spend: async () => undefined },
    },
    { graceMs: 900_000, confirmAfterMs: 0 },
  );
  const startedAt = process.cpuUsage();
  for (
    let position = await reconciliation.step({ segment: 0, segments: 1 });
    position !== undefined;
    position = await reconciliation.step(position)
  ) {
    peak = Math.max(peak, process.memoryUsage().heapUsed);
  }
  const findings = await reconciliation.confirm();
  const { user, system } = process.cpuUsage(startedAt);
  const { readUnits, standings } = reconciliation.tally();
  if (findings.length > 0 || standings.handled !== events * consumers.length) {
    throw new Error(`the reconciliation was wrong: ${JSON.stringify({ findings: findings.length, standings })}`);
  }
  return { readUnits, calls, cpuSeconds: (user + system) / 1e6, heapMiB: peak / 2 ** 20 };
}

/** Lets all of the work be compiled first, and tells whether memory grows with the log. */
const SMALL = 100_000;

const measureConsumers = (strict: number, fifo: number) => async (): Promise<Report> => {
  const small = await reconcileLog(SMALL, strict, fifo);
  const large = await reconcileLog(EVENTS, strict, fifo);
  const usdPerPass = usdOf('dynamoDbReadUnit', large.readUnits);
  const name = `${strict} strict and ${fifo} fifo consumers`;
  const beside = (value: number) => ({ what: `of ${SMALL.toLocaleString('en')} events`, value });
  return {
    figures: [
      figure({
        name: `peak heap over ${EVENTS.toLocaleString('en')} events, ${name}`,
        value: large.heapMiB,
        unit: 'MiB',
        beside: beside(small.heapMiB),
        reach: { most: MOST_HEAP_RATIO },
      }),
      figure({ name: `read units, ${name}`, value: large.readUnits, unit: 'units', beside: beside(small.readUnits) }),
    ],
    tables: [
      {
        title: `a pass over ${EVENTS.toLocaleString('en')} events, ${name}`,
        head: ['calls', 'read units', 'processor, s', 'at 500 units a second, min', 'USD a pass', 'USD a month'],
        rows: [
          [
            large.calls,
            Math.round(large.readUnits),
            large.cpuSeconds,
            large.readUnits / 500 / 60,
            usdPerPass,
            usdPerPass * PASSES_PER_MONTH,
          ],
        ],
      },
    ],
  };
};

/** What garbage collection leaves to chance. */
const MOST_HEAP_RATIO = 1.5;

const PASSES_PER_MONTH = 30;

export const measures: Measures = {
  strict: measureConsumers(3, 0),
  many: measureConsumers(10, 0),
  fifo: measureConsumers(0, 1),
};
