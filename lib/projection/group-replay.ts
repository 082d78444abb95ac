import { hasCode, isWaybillError, readGroup, type WaybillError } from '../definitions/index.ts';
import type { Outbox } from '../outbox/index.ts';
import { createSemaphore } from '../shared/semaphore.ts';
import { reasonOf } from '../shared/thrown.ts';
import { isLasting } from './errors.ts';
import type { ProjectionState } from './projection-state.ts';
import type { Projector } from './projector.ts';

export interface GroupReplayDeps {
  readonly state: ProjectionState;
  readonly projector: Projector;
  readonly outbox: Pick<Outbox, 'transact'>;
  /** Runs work as the tenant; undefined runs it without a tenant. */
  readonly asTenant: <Value>(tenantId: string | undefined, work: () => Promise<Value>) => Promise<Value>;
}

/** The outcome of a group's replay. `unfinished`: the signal was aborted; committed events are kept. */
export type Replay =
  | { readonly kind: 'replayed'; readonly events: number; readonly truncated: boolean }
  | { readonly kind: 'failed'; readonly error: WaybillError }
  | { readonly kind: 'unfinished' };

/** Number of groups that are replayed at the same time. Each makes a few calls to DynamoDB, one after another. */
const CONCURRENT_REPLAYS = 16;

/** The end of the log. */
const LAST = Number.MAX_SAFE_INTEGER;

/** Attempts that may conflict with failures of live events. */
const MAX_NOTE_ATTEMPTS = 20;

export function createGroupReplay({ state, projector, outbox, asTenant }: GroupReplayDeps) {
  const noteFailed = async (group: string, error: WaybillError): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      const control = await state.control();
      const failed = { group, upTo: LAST, ...reasonOf(error) };
      try {
        await outbox.transact((tx) => state.noteFailed(tx, control, failed));
        return;
      } catch (error) {
        if (!hasCode(error, 'OUTBOX_CONDITION_FAILED') || attempt === MAX_NOTE_ATTEMPTS) throw error;
      }
    }
  };

  const replay = async (generation: number, group: string, signal: AbortSignal): Promise<Replay> => {
    try {
      const caughtUp = await asTenant(readGroup(group)?.tenantId, () =>
        projector.catchUp({ generation, group, upTo: LAST, signal }),
      );
      return { kind: 'replayed', ...caughtUp };
    } catch (error) {
      if (hasCode(error, 'PROJECTION_CATCHING_UP')) return { kind: 'unfinished' };
      // a failed group must not stop the others
      if (isWaybillError(error) && isLasting(error)) return { kind: 'failed', error };
      throw error;
    }
  };

  const replayOnce = async (generation: number, group: string, signal: AbortSignal): Promise<Replay> => {
    if (signal.aborted) return { kind: 'unfinished' };
    const done = await replay(generation, group, signal);
    if (done.kind === 'failed') await noteFailed(group, done.error);
    return done;
  };

  return {
    /** Replays groups concurrently, and records those that fail. */
    async replayAll(generation: number, groups: readonly string[], signal: AbortSignal): Promise<readonly Replay[]> {
      const semaphore = createSemaphore(CONCURRENT_REPLAYS);
      return Promise.all(groups.map((group) => semaphore.run(() => replayOnce(generation, group, signal))));
    },

    /** Replays the failed groups again, and removes those that succeed from the list. */
    async retryFailed(generation: number, signal: AbortSignal): Promise<'none-left' | 'some-left' | 'unfinished'> {
      let areLeft = false;
      let last: string | undefined;
      for (;;) {
        const noted = await state.failed(generation, last);
        if (noted.length === 0) return areLeft ? 'some-left' : 'none-left';
        for (const failed of noted) {
          const { kind } = await replay(generation, failed.group, signal);
          if (kind === 'unfinished') return 'unfinished';
          if (kind === 'replayed') await state.resolveFailed(generation, failed);
          else areLeft = true;
          last = failed.group;
        }
      }
    },
  };
}
