import type { Cursor, LaneDeps } from '../../lib/ordering/index.ts';
import type { EpochMs } from '../../lib/shared/time.ts';
import { Twin } from './events.ts';
import type { Planted } from './planted.ts';

const inLane = (change: (deps: LaneDeps) => LaneDeps): Planted => ({
  amongDeployments: true,
  ordering: (ordering) => ({
    ...ordering,
    createLane: (group, known, deps) => ordering.createLane(group, known, change(deps)),
  }),
});

const NEVER_LONG_AGO = 8e15 as EpochMs;

/** However long a group has waited for an event that has failed, it is as if it had begun to wait just now. */
const waitingAnew = (next: Cursor): Cursor =>
  next.waitingFor === undefined || next.waitingFor.reason.code === 'EVENT_TYPE_UNKNOWN'
    ? next
    : { ...next, waitingFor: { ...next.waitingFor, since: NEVER_LONG_AGO } };

/** Groups wait, and nobody interferes. */
const WITH_FAILURES = { tempers: ['fails', 'defers'], operations: [] } as const satisfies Planted;

/** Known faults that show where consumers take other types after a deployment, and where two sources use one word. */
export const PLANTED_AMONG_DEPLOYMENTS: Readonly<Record<string, Planted>> = {
  'an event of an unknown type passes as dealt with': inLane((deps) => ({
    ...deps,
    async attempt(...args) {
      const result = await deps.attempt(...args);
      const isUnknown = result.kind === 'failed' && result.reason.code === 'EVENT_TYPE_UNKNOWN';
      return isUnknown ? { kind: 'duplicate' } : result;
    },
  })),

  'a duplicate is acknowledged without a record in the inbox': {
    kinds: ['bus delays'],
    ...WITH_FAILURES,
    ...inLane((deps) => ({ ...deps, memory: { ...deps.memory, knows: async () => true } })),
  },

  'a message of an unknown type is deleted where its group waits for another event': {
    kinds: [],
    ...WITH_FAILURES,
    ...inLane((deps) => ({
      ...deps,
      settleAlone: async (message, why) => (why.kind === 'unknown' ? 'acknowledge' : deps.settleAlone(message, why)),
    })),
  },

  'a group is held by an event whose type was removed': {
    kinds: [],
    ...WITH_FAILURES,
    mostRequests: 2,
    ...inLane((deps) => ({
      ...deps,
      cursors: {
        ...deps.cursors,
        save: (group, current, next) => deps.cursors.save(group, current, waitingAnew(next)),
      },
    })),
  },

  'an event type is told by its name alone': {
    amongDeployments: true,
    served: ({ subscription, handlers }) => ({
      subscription: { ...subscription, events: [...subscription.events, Twin] },
      handlers,
    }),
  },
};
