import type { Planted } from './planted.ts';
import { storing } from './planted-in-ordering.ts';

/** Known faults in the pause of a group. The exhaustive search has no operator who pauses. */
export const PLANTED_IN_PAUSES: Readonly<Record<string, Planted>> = {
  'a paused group is handled': {
    kinds: ['sent twice'],
    operations: ['pause'],
    strictOnly: true,
    ordering: ({ cursors, ...ordering }) => ({
      ...ordering,
      cursors: {
        ...cursors,
        async read(groups) {
          const read = await cursors.read(groups);
          return new Map([...read].map(([group, { paused: _, ...cursor }]) => [group, cursor]));
        },
      },
    }),
  },

  'a pause ends with the next change of the cursor': {
    kinds: ['sent twice'],
    operations: ['pause'],
    strictOnly: true,
    ...storing((_, { paused: __, ...next }) => next),
  },

  'a dead letter that is redriven into a paused group stays dead': {
    kinds: ['sent twice'],
    tempers: ['permanent', 'fails'],
    operations: ['pause', 'redrive'],
    strictOnly: true,
    ...storing((current, next) =>
      current.paused !== undefined && current.blockedBy?.state === 'dead'
        ? { ...next, blockedBy: current.blockedBy }
        : next,
    ),
  },
};
