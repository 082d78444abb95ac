import { setTimeout } from 'node:timers/promises';
import { inParallel, millisecondsOf } from '../../measure.ts';

/** How events are spread over groups and time. */
export interface GroupsOfEvents {
  readonly events: number;
  /** Each group's events are published one after another. */
  readonly groups: number;
  readonly concurrency: number;
  /** Of the serialized event, some 600 at least. */
  readonly eventBytes: number;
  /** The version of each aggregate that its first event is. */
  readonly firstSequence: number;
  /** Between two publications of a group. */
  readonly pauseMs: number;
  /** Keeps the groups of repetitions apart. */
  readonly run: string;
}

/** All of one length, so that all events are. */
export const accountOf = (run: string, group: number): string =>
  `${run.padStart(8, '-')}${String(group).padStart(8, '0')}`;

/** @returns milliseconds that it took */
export function publishInGroups(
  { events, groups, concurrency, firstSequence, pauseMs, run }: GroupsOfEvents,
  publish: (accountId: string, version: number) => Promise<unknown>,
): Promise<number> {
  const perGroup = events / groups;
  return millisecondsOf(() =>
    inParallel(groups, concurrency, async (group) => {
      for (let number = 0; number < perGroup; number++) {
        await publish(accountOf(run, group), firstSequence + number);
        if (pauseMs > 0) await setTimeout(pauseMs);
      }
    }),
  );
}
