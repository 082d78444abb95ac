import type { Attempt } from '../../../lib/consumer/attempt.ts';
import type { BatchContext, StrictOrdering } from '../../../lib/consumer/batch.ts';
import type { Failure } from '../../../lib/consumer/error-policy.ts';
import { createGroupProcessor } from '../../../lib/consumer/group-processor.ts';
import type { Cursor, LogEntry } from '../../../lib/consumer/index.ts';
import type { GroupMessage } from '../../../lib/consumer/message.ts';
import type { CloudEvent } from '../../../lib/definitions/index.ts';
import type { GuardedWrite } from '../../../lib/outbox/index.ts';
import { addMs, type EpochMs } from '../../../lib/shared/time.ts';
import { logged, NOW } from './log-fixture.ts';

const HOUR_MS = 3_600_000;

export const cursorAt = (processed: number, more: Partial<Cursor> = {}): Cursor => ({
  processed,
  seen: processed,
  blockedBy: undefined,
  generation: 2,
  revision: 7,
  ...more,
});

export const blockedBy = (sequence: number, more: Partial<NonNullable<Cursor['blockedBy']>> = {}) => ({
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
export function messageOf(sequence: number, more: MessageDetails = {}): GroupMessage {
  const { receiveCount = 1, id = `e${sequence}`, type = 'taken', time = '2026-11-20T04:00:00Z' } = more;
  const { receipt = id } = more;
  const event = { source: '/orders', id, type, sequence: String(sequence), time };
  const content = { body: `{"n":${sequence}}`, event: event as CloudEvent };
  return {
    messageId: `m-${receipt}`,
    receiptHandle: `r-${receipt}`,
    receiveCount,
    messageGroup: 'g',
    content,
    event: content.event,
  };
}

export const failure = (more: Partial<Failure> = {}): Attempt => ({
  kind: 'failed',
  failure: {
    code: 'LOCKED',
    message: 'locked',
    stackHead: 'at deposit',
    permanent: false,
    retryAfterSeconds: 0,
    deferrable: false,
    ...more,
  },
});

export interface ProcessorRig {
  readonly cursor: Cursor | undefined;
  readonly log?: readonly LogEntry[];
  /** How attempts end, by sequence, one after another. @default - handled */
  readonly attempts?: Readonly<Record<number, Attempt[]>>;
  /** What others make of the cursor just before its n-th change by the processor, from 0; undefined where it stays. */
  readonly others?: readonly ((cursor: Cursor) => Cursor | undefined)[];
  /** Ids that the inbox knows. */
  readonly known?: readonly string[];
  readonly startInstant?: EpochMs;
  /** Receipts that are no longer good. */
  readonly gone?: readonly string[];
  readonly isTimeShort?: boolean;
  readonly maxReceiveCount?: number;
  /** @default - as often as the queue gives a message out */
  readonly maxAttempts?: number;
  readonly takes?: BatchContext['takes'];
}

/** `4/6 waits 5 (/orders taken, LOCKED 1, retrying)`: the cursor at 4, which has seen 6. */
const told = ({ processed, seen, blockedBy: waits }: Cursor): string => {
  if (waits === undefined) return `${processed}/${seen}`;
  const { sequence, source, type, reason, attempts, state, permanent, deferred } = waits;
  const marks = [permanent ? ', permanent' : '', deferred === true ? ', deferred' : ''].join('');
  return `${processed}/${seen} waits ${sequence} (${source} ${type}, ${reason?.code} ${attempts}, ${state}${marks})`;
};

/** A processor over ports that note in `calls` what it does with them. */
export function createProcessorRig(rig: ProcessorRig) {
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

  const strict: StrictOrdering = {
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
    sleep: async () => undefined,
    startInstant: async () => rig.startInstant ?? (0 as EpochMs),
    memory: {
      async knows({ id }, generation) {
        call(`inbox ${id} (${generation})`);
        return known.includes(id);
      },
      reliableSince: () => 0 as EpochMs,
    },
  };

  const postpone: BatchContext['redelivery']['postpone'] = async ({ receiptHandle, content }, seconds, group) => {
    call(`hide ${receiptHandle} ${seconds}`);
    if (rig.gone?.includes(receiptHandle) && group !== undefined) call(`resend ${group} ${content.body}`);
  };
  const batch: BatchContext = {
    subscription: { events: [{ source: '/orders', type: 'taken' }], permanentErrors: [] } as never,
    takes: rig.takes ?? (({ type }) => type === 'taken'),
    queue: {
      resend: async (group, body) => call(`resend ${group} ${body}`),
      changeVisibility: async () => 'changed',
      delete: async (receipts) => call(`delete ${receipts.join(' ')}`),
      createdAt: async () => 0 as EpochMs,
    },
    clock: { now: () => NOW },
    maxReceiveCount: rig.maxReceiveCount ?? 3,
    maxAttempts: rig.maxAttempts ?? rig.maxReceiveCount ?? 3,
    visibilityTimeoutSeconds: 60,
    isTimeUp: () => false,
    isTimeShort: () => rig.isTimeShort ?? false,
    async attempt({ body }, { message, guards = [], generation } = {}) {
      if (message !== undefined) {
        call(`try ${message.receiptHandle} out of order (${generation})`);
        return failure();
      }
      const { n } = JSON.parse(body) as { n: number };
      const [move] = guards;
      const { from, next } = (move as GuardedWrite).write as unknown as {
        readonly from: Cursor;
        readonly next: Cursor;
      };
      let result: Attempt = attempts[n]?.shift() ?? { kind: 'handled' };
      if (result.kind === 'handled' && !change(from, next)) result = { kind: 'overtaken' };
      call(`try ${n} (${generation}): ${result.kind}`);
      return result;
    },
    redelivery: {
      backoffSeconds: (receiveCount, { retryAfterSeconds, deferrable }) =>
        receiveCount * 10 + retryAfterSeconds + (deferrable ? 1 : 0),
      async afterFailure({ receiptHandle }, { code }) {
        call(`return ${receiptHandle} ${code}`);
        return 'returned';
      },
      isGivenUp: async () => false,
      release: async (messages) => messages,
      postpone,
      postponeUntried: (message, seconds, group) =>
        postpone(message, message.receiveCount >= (rig.maxReceiveCount ?? 3) ? Math.max(seconds, 60) : seconds, group),
      async showAgain(messages) {
        for (const message of messages) await postpone(message, 0);
      },
      noteHandled: async ({ id }) => call(`resolved ${id}`),
      async noteBlocked({ body }, blocker, { stackHead } = { stackHead: '' }) {
        if ('sequence' in blocker) call(`failed ${body} ${told(stored)} ${stackHead}`);
      },
    },
    telemetry: {
      duplicateSkipped: ({ id }, why) => call(`duplicate ${id}${why === undefined ? '' : ` ${why}`}`),
      unblocked: (_, { sequence }) => call(`unblocked from ${sequence}`),
      placesPassed: (_, { from, to, why }, seen) => call(`stepped over ${from} to ${to}, ${why}, ${seen}`),
      logHoleFound: ({ receiptHandle }, { places }) => call(`missing ${receiptHandle} ${places.from} to ${places.to}`),
      handledLate: ({ id }, processed) => call(`late ${id} ${processed}`),
      messageRenewed: ({ id }) => call(`renewed ${id}`),
      groupFailed: () => call('settling failed'),
      takenFromLog: () => call('taken from the log'),
      waitsForEarlier: () => call('behind'),
      overtaken: () => call('overtaken'),
      deferred: () => call('deferred'),
    },
  };
  const processor = createGroupProcessor('g', rig.cursor, strict, batch);
  /** @returns what becomes of the message; what was done is in `calls`, from this message on */
  const processMessage = async (message: GroupMessage, behind: readonly GroupMessage[] = []) => {
    calls.length = 0;
    return processor.processMessage(message, behind);
  };
  return { processor, calls, processMessage, strict, batch };
}
