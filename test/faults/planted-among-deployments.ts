import type { Cursor } from '../../lib/consumer/index.ts';
import { takesOf } from '../../lib/definitions/index.ts';
import type { EpochMs } from '../../lib/shared/time.ts';
import { ALL_EVENTS, Twin } from './events.ts';
import type { Planted } from './planted.ts';

const NEVER_LONG_AGO = 8e15 as EpochMs;

/** However long a group has waited for an event that has failed, it is as if it had begun to wait just now. */
const waitingAnew = (next: Cursor): Cursor =>
  next.blockedBy === undefined || next.blockedBy.reason.code === 'EVENT_TYPE_UNKNOWN'
    ? next
    : { ...next, blockedBy: { ...next.blockedBy, since: NEVER_LONG_AGO } };

/** Groups wait, and nobody interferes. */
const WITH_FAILURES = { tempers: ['fails', 'defers'], operations: [] } as const satisfies Planted;

/** Known faults that show where consumers take other types after a deployment, and where two sources use one word. */
export const PLANTED_AMONG_DEPLOYMENTS: Readonly<Record<string, Planted>> = {
  'an event of an unknown type passes as dealt with': {
    amongDeployments: true,
    served: ({ subscription, handlers }) => ({
      subscription: { ...subscription, events: ALL_EVENTS },
      handlers: { ...Object.fromEntries(ALL_EVENTS.map(({ type }) => [type, () => undefined])), ...handlers },
    }),
  },

  'a duplicate is deleted without a record in the inbox': {
    amongDeployments: true,
    kinds: ['bus delays'],
    ...WITH_FAILURES,
    ordering: (ordering) => ({ ...ordering, memory: { ...ordering.memory, knows: async () => true } }),
  },

  'a message of an unknown type is deleted': {
    amongDeployments: true,
    kinds: [],
    ...WITH_FAILURES,
    strictOnly: true,
    response: ({ batchItemFailures }, { Records }, { events }) => {
      const takes = takesOf(events);
      const known = Records.filter(({ body }) => takes(JSON.parse(body))).map(({ messageId }) => messageId);
      return { batchItemFailures: batchItemFailures.filter(({ itemIdentifier }) => known.includes(itemIdentifier)) };
    },
  },

  'a group is blocked for good by an event whose type was removed': {
    amongDeployments: true,
    kinds: [],
    ...WITH_FAILURES,
    mostRequests: 2,
    ordering: ({ cursors, ...ordering }) => ({
      ...ordering,
      cursors: {
        ...cursors,
        save: (group, current, next) => cursors.save(group, current, waitingAnew(next)),
      },
    }),
  },

  'an event type is told by its name alone': {
    amongDeployments: true,
    served: ({ subscription, handlers }) => ({
      subscription: { ...subscription, events: [...subscription.events, Twin] },
      handlers,
    }),
  },
};
