import type { CloudEvent } from '../../../lib/contracts/index.ts';
import {
  type Attempt,
  type Cursor,
  createGroupLane,
  type LaneDeps,
  type LaneMessage,
  type LogEntry,
} from '../../../lib/ordering/index.ts';
import { addMs, type EpochMs } from '../../../lib/shared/time.ts';
import { logged, NOW } from './log-fixture.ts';

const HOUR_MS = 3_600_000;

export const cursorAt = (processed: number, more: Partial<Cursor> = {}): Cursor => ({
  processed,
  seen: processed,
  waitingFor: undefined,
  generation: 2,
  revision: 7,
  ...more,
});

export const waitingFor = (sequence: number, more: Partial<NonNullable<Cursor['waitingFor']>> = {}) => ({
  sequence,
  source: '/orders',
  type: 'taken',
  since: NOW,
  attempts: 1,
  reason: { code: 'LOCKED', message: 'locked' },
  state: 'retrying' as const,
  permanent: false,
  ...more,
});

export const LONG_AGO = addMs(NOW, -HOUR_MS);

interface MessageDetails {
  readonly receiveCount?: number;
  readonly id?: string;
  readonly type?: string;
  readonly receipt?: string;
  /** When its event was made. */
  readonly time?: string;
}

/** A message of the group: of the event that the log has there, unless told otherwise. Its receipt is `r`, then its id. */
export function messageOf(sequence: number, more: MessageDetails = {}): LaneMessage {
  const { receiveCount = 1, id = `e${sequence}`, type = 'taken', time = '2026-11-20T04:00:00Z' } = more;
  const { receipt = id } = more;
  const event = { source: '/orders', id, type, sequence: String(sequence), time };
  return { receiptHandle: `r-${receipt}`, receiveCount, body: `{"n":${sequence}}`, event: event as CloudEvent };
}

export const failure = (more: Partial<Extract<Attempt, { kind: 'failed' }>> = {}): Attempt => ({
  kind: 'failed',
  reason: { code: 'LOCKED', message: 'locked' },
  permanent: false,
  retryAfterSeconds: 0,
  deferrable: false,
  ...more,
});

export interface LaneRig {
  readonly cursor: Cursor | undefined;
  readonly log?: readonly LogEntry[];
  /** How attempts end, by sequence, one after another. @default - handled */
  readonly attempts?: Readonly<Record<number, Attempt[]>>;
  /** What others make of the cursor just before its n-th change by the lane, from 0; undefined where it stays. */
  readonly others?: readonly ((cursor: Cursor) => Cursor | undefined)[];
  /** Ids that the inbox knows. */
  readonly known?: readonly string[];
  readonly startInstant?: EpochMs;
  /** Receipts that are no longer good. */
  readonly gone?: readonly string[];
  readonly timeIsShort?: boolean;
  readonly maxReceiveCount?: number;
  readonly takes?: LaneDeps['takes'];
}

/** `4/6 waits 5 (/orders taken, LOCKED 1, retrying)`: the cursor at 4, which has seen 6. */
const told = ({ processed, seen, waitingFor: waits }: Cursor): string => {
  if (waits === undefined) return `${processed}/${seen}`;
  const { sequence, source, type, reason, attempts, state, permanent, deferred } = waits;
  const marks = [permanent ? ', permanent' : '', deferred === true ? ', deferred' : ''].join('');
  return `${processed}/${seen} waits ${sequence} (${source} ${type}, ${reason?.code} ${attempts}, ${state}${marks})`;
};

/** One lane over ports that note in `calls` what it does with them. */
export function createLaneRig(rig: LaneRig) {
  const calls: string[] = [];
  const call = (text: string) => void calls.push(text);
  const { log = [1, 2, 3, 4, 5, 6, 7, 8].map((sequence) => logged(sequence)), attempts = {}, known = [] } = rig;
  const others = [...(rig.others ?? [])];
  let stored = rig.cursor ?? cursorAt(0, { revision: 0 });

  /** @returns whether nobody else was first */
  const change = (from: Cursor, next: Cursor): boolean => {
    stored = others.shift()?.(stored) ?? stored;
    if (stored.revision !== from.revision) return false;
    stored = { ...next, revision: from.revision + 1 };
    return true;
  };

  const deps: LaneDeps = {
    cursors: {
      async read(groups) {
        call(`read cursor of ${groups.join(' ')}`);
        return new Map([['g', stored]]);
      },
      async save(_, from, next) {
        const isFirst = change(from, next);
        call(isFirst ? `save ${told(next)}` : 'save too late');
        return isFirst ? 'saved' : 'conflict';
      },
      change: (_, from, next) => ({ write: { from, next } as never, refused: () => new Error('refused') }),
    },
    log: {
      async read(_, after, upTo) {
        call(`log ${after + 1} to ${upTo}`);
        return log.filter(({ sequence }) => after < sequence && sequence <= upTo);
      },
      places: async (_, from, upTo) => log.filter(({ sequence }) => from <= sequence && sequence <= upTo),
      end: async () => undefined,
    },
    bell: {
      ring: async (group, body) => call(`ring ${group} ${body}`),
      async hide(receipt, seconds) {
        call(`hide ${receipt} ${seconds}`);
        return rig.gone?.includes(receipt) ? 'gone' : 'hidden';
      },
      acknowledge: async (receipts) => call(`acknowledge ${receipts.join(' ')}`),
      createdAt: async () => 0 as EpochMs,
    },
    clock: { now: () => NOW },
    sleep: async () => undefined,
    limits: { maxReceiveCount: rig.maxReceiveCount ?? 3 },
    visibilityTimeoutSeconds: 60,
    takes: rig.takes ?? (({ type }) => type === 'taken'),
    subscribed: [{ source: '/orders', type: 'taken' }],
    startInstant: async () => rig.startInstant ?? (0 as EpochMs),
    async attempt(body, move, generation) {
      const { n } = JSON.parse(body) as { n: number };
      const { from, next } = move.write as unknown as { readonly from: Cursor; readonly next: Cursor };
      let result: Attempt = attempts[n]?.shift() ?? { kind: 'handled' };
      if (result.kind === 'handled' && !change(from, next)) result = { kind: 'overtaken' };
      call(`try ${n} (${generation}): ${result.kind}`);
      return result;
    },
    memory: {
      async knows({ id }, generation) {
        call(`inbox ${id} (${generation})`);
        return known.includes(id);
      },
      answersSince: () => 0 as EpochMs,
    },
    async settleAlone({ receiptHandle }, why) {
      call(`alone ${receiptHandle} ${JSON.stringify(why)}`);
      return 'return';
    },
    backoffSeconds: (receiveCount, { retryAfterSeconds, deferrable }) =>
      receiveCount * 10 + retryAfterSeconds + (deferrable ? 1 : 0),
    timeIsShort: () => rig.timeIsShort ?? false,
    observer: {
      duplicate: ({ receiptHandle }, why) => call(`duplicate ${receiptHandle}${why === undefined ? '' : ` ${why}`}`),
      released: ({ sequence }) => call(`released from ${sequence}`),
      drained: () => call('drained'),
      behind: () => call('behind'),
      overtaken: () => call('overtaken'),
      steppedOver: ({ from, to, why }, seen) => call(`stepped over ${from} to ${to}, ${why}, ${seen}`),
      missing: ({ receiptHandle }, { places }) => call(`missing ${receiptHandle} ${places.from} to ${places.to}`),
      renewed: ({ receiptHandle }) => call(`renewed ${receiptHandle}`),
      failed: (body, cursor) => call(`failed ${body} ${told(cursor)}`),
    },
  };
  const lane = createGroupLane('g', rig.cursor, deps);
  /** @returns what becomes of the message; what was done is in `calls`, from this message on */
  const settle = async (message: LaneMessage, behind: readonly LaneMessage[] = []) => {
    calls.length = 0;
    return lane.settle(message, behind);
  };
  return { lane, calls, settle, deps };
}
