import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { ConsumerQueue, Cursor, EventLog, LogEntry } from '../../lib/consumer/index.ts';
import type { EpochMs, EpochSeconds } from '../../lib/shared/time.ts';
import { TABLES } from './consumer-in.ts';
import type { Planted } from './planted.ts';
import type { RequestInput } from './services/dynamodb-requests.ts';

/** Stores something other than what it is told to. */
export const storing = (change: (current: Cursor, next: Cursor) => Cursor): Planted => ({
  ordering: ({ cursors, ...ordering }) => ({
    ...ordering,
    cursors: {
      read: cursors.read,
      save: (group, current, next) => cursors.save(group, current, change(current, next)),
      change: (group, current, next) => cursors.change(group, current, change(current, next)),
    },
  }),
});

const withQueue = (change: (queue: ConsumerQueue) => ConsumerQueue): Planted => ({
  consumer: (options) => ({ ...options, queue: change(options.queue) }),
});

const withLog = (change: (log: EventLog) => EventLog): Planted => ({
  ordering: (ordering) => ({ ...ordering, log: change(ordering.log) }),
});

const onlyRaisesSeen = (current: Cursor, next: Cursor) =>
  next.processed === current.processed && next.blockedBy === current.blockedBy;

const ofCursors = ({ TableName }: { readonly TableName?: string | undefined }) => TableName === TABLES.cursors;

/** The put of a cursor as it is, whoever else has moved it. */
const unconditional = <Put extends RequestInput | TransactWriteItem['Put']>(put: Put): Put => ({
  ...put,
  ConditionExpression: undefined,
  ExpressionAttributeNames: undefined,
  ExpressionAttributeValues: undefined,
});

/** Known faults in the keeping of order. */
export const PLANTED_IN_ORDERING: Readonly<Record<string, Planted>> = {
  'the cursor is written without a condition': {
    request: ({ operation, input }) => {
      if (operation === 'PutItem' && ofCursors(input)) return { operation, input: unconditional(input) };
      const { TransactItems, ...rest } = input;
      if (TransactItems === undefined) return { operation, input };
      const items = TransactItems.map((item) =>
        item.Put !== undefined && ofCursors(item.Put) ? { Put: unconditional(item.Put) } : item,
      );
      return { operation, input: { ...rest, TransactItems: items } };
    },
  },

  'seen is not raised': storing((current, next) => ({ ...next, seen: Math.max(current.seen, next.processed) })),

  'a group is held at the wrong sequence': storing((_, next) => ({
    ...next,
    blockedBy: next.blockedBy && { ...next.blockedBy, sequence: next.blockedBy.sequence + 1 },
  })),

  'an event that kills its process leaves no mark': {
    kinds: [],
    tempers: ['kills'],
    mostRequests: 2,
    ...storing((current, next) =>
      next.blockedBy?.reason.code === 'EXECUTION_DIED' ? { ...next, blockedBy: current.blockedBy } : next,
    ),
  },

  'a successor is deleted before seen is durable': {
    ordering: ({ cursors, ...ordering }, { sleep }) => ({
      ...ordering,
      cursors: {
        ...cursors,
        async save(group, current, next) {
          if (!onlyRaisesSeen(current, next)) return cursors.save(group, current, next);
          void sleep(500).then(() => cursors.save(group, current, next));
          return 'saved';
        },
      },
    }),
  },

  'a carrier is deleted without resending': {
    strictOnly: true,
    ...withQueue((queue) => ({ ...queue, resend: async () => undefined })),
  },

  'an event that used up its receives while deferred is not resent': {
    kinds: [],
    tempers: ['defers'],
    consumer: (options) => ({ ...options, maxReceiveCount: options.maxReceiveCount + 1 }),
  },

  'receives that went by waiting are forgotten': {
    kinds: [],
    tempers: ['defers'],
    ...storing((_, next) => ({ ...next, blockedBy: next.blockedBy && { ...next.blockedBy, deferred: false } })),
  },

  'a drain stops without resending when time is short': {
    kinds: [],
    tempers: ['slow'],
    strictOnly: true,
    consumer: ({ queue, timeoutSignal = AbortSignal.timeout, ...options }, { clock }) => {
      let isShortAt = Number.POSITIVE_INFINITY;
      return {
        ...options,
        timeoutSignal(delayMs) {
          isShortAt = clock.now() + delayMs * 0.7;
          return timeoutSignal(delayMs);
        },
        queue: {
          ...queue,
          resend: async (...args) => (clock.now() >= isShortAt ? undefined : queue.resend(...args)),
        },
      };
    },
  },

  'the mark is stored before the message exists': {
    kinds: ['crash before', 'crash after'],
    tempers: ['fails', 'kills'],
    operations: [],
    strictOnly: true,
    consumer: ({ queue, strict, ...options }) => {
      let owed: (() => Promise<void>) | undefined;
      return {
        ...options,
        queue: {
          ...queue,
          resend: async (...args) => {
            owed = () => queue.resend(...args);
          },
        },
        strict: strict && {
          ...strict,
          cursors: {
            ...strict.cursors,
            async save(...args) {
              const saved = await strict.cursors.save(...args);
              await owed?.();
              owed = undefined;
              return saved;
            },
          },
        },
      };
    },
  },

  'an execution does not resend if its message is already deleted': {
    kinds: ['stalled, lingers'],
    tempers: ['fails'],
    operations: ['expire'],
    mostRequests: 1,
    strictOnly: true,
    ...withQueue((queue) => ({
      ...queue,
      async changeVisibility(...args) {
        await queue.changeVisibility(...args);
        return 'changed';
      },
    })),
  },

  'a resent message has the deduplication id of the one that it stands for': {
    consumer: (options, { sqs }) => ({
      ...options,
      queue: {
        ...options.queue,
        resend: async (MessageGroupId, MessageBody) => {
          const MessageDeduplicationId = MessageBody;
          await sqs.send(
            new SendMessageCommand({ QueueUrl: 'queue', MessageBody, MessageGroupId, MessageDeduplicationId }),
          );
        },
      },
    }),
  },

  'what shares a batch with an event that kills its process is not deleted before': {
    kinds: [],
    tempers: ['kills'],
    mostRequests: 2,
    strictOnly: true,
    consumer: (options) => ({ ...options, queue: { ...options.queue, delete: async () => undefined } }),
  },

  'a hole is stepped over': {
    kinds: ['log misses', 'bus delays', 'bus loses'],
    ...withLog((log) => ({
      ...log,
      async read(group, after, upTo) {
        const entries = await log.read(group, after, upTo);
        const last = entries.at(-1)?.sequence ?? upTo;
        return Array.from({ length: last - after }, (_, index): LogEntry => {
          const sequence = after + 1 + index;
          const place = { sequence, committedAt: 0 as EpochMs, expires: undefined, previousExpires: undefined };
          return entries.find((entry) => entry.sequence === sequence) ?? { kind: 'tombstone', ...place };
        });
      },
    })),
  },

  'a group begins behind a hole': {
    kinds: ['bus delays'],
    ...withLog((log) => {
      let reads = 0;
      return {
        ...log,
        // reads beside a transaction miss what it committed first, and a hole counts as expired
        async places(group, from, upTo, limit) {
          reads += 1;
          const shown = await log.places(group, from, upTo, limit + 1);
          const places = reads <= 2 ? shown.filter(({ sequence }) => sequence !== from) : shown;
          return places.slice(0, limit).map((place) => ({ ...place, previousExpires: 0 as EpochSeconds }));
        },
      };
    }),
  },

  'a read of the log misses its last event': withLog((log) => ({
    ...log,
    read: async (...args) => (await log.read(...args)).slice(0, -1),
  })),
};
