import { hasCode, isWaybillError, readGroup, type WaybillError } from '../contracts/index.ts';
import type { Outbox } from '../outbox/index.ts';
import { createSemaphore } from '../shared/semaphore.ts';
import { reasonOf } from '../shared/thrown.ts';
import { isLasting } from './is-lasting.ts';
import type { ProjectionState } from './projection-state.ts';
import type { Projector } from './projector.ts';

export interface VisitDeps {
  readonly state: ProjectionState;
  readonly projector: Projector;
  readonly outbox: Pick<Outbox, 'transact'>;
  /** Runs work as a tenant's; undefined: as nobody's. */
  readonly asTenant: <Value>(tenantId: string | undefined, work: () => Promise<Value>) => Promise<Value>;
}

/** What became of a group's visit. `unfinished`: time was up; what is done is done. */
export type Visit =
  | { readonly kind: 'visited'; readonly events: number; readonly truncated: boolean }
  | { readonly kind: 'failed'; readonly error: WaybillError }
  | { readonly kind: 'unfinished' };

/** Groups that are visited at once: each takes a few calls to DynamoDB, one after another. */
const CONCURRENT_VISITS = 16;

/** As far as the log goes. */
const LAST = Number.MAX_SAFE_INTEGER;

/** Lost to notes of live events, each of which was written. */
const MOST_NOTE_ATTEMPTS = 20;

export function createVisits({ state, projector, outbox, asTenant }: VisitDeps) {
  const noteFailed = async (group: string, error: WaybillError): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      const control = await state.control();
      const failed = { group, upTo: LAST, ...reasonOf(error) };
      try {
        await outbox.transact((tx) => state.noteFailed(tx, control, failed));
        return;
      } catch (error) {
        if (!hasCode(error, 'OUTBOX_CONDITION_FAILED') || attempt === MOST_NOTE_ATTEMPTS) throw error;
      }
    }
  };

  const visit = async (generation: number, group: string, signal: AbortSignal): Promise<Visit> => {
    try {
      const caughtUp = await asTenant(readGroup(group)?.tenantId, () =>
        projector.catchUp({ generation, group, upTo: LAST, signal }),
      );
      return { kind: 'visited', ...caughtUp };
    } catch (error) {
      if (hasCode(error, 'PROJECTION_CATCHING_UP')) return { kind: 'unfinished' };
      // one group must not keep all others from being visited
      if (isWaybillError(error) && isLasting(error)) return { kind: 'failed', error };
      throw error;
    }
  };

  const visitOnce = async (generation: number, group: string, signal: AbortSignal): Promise<Visit> => {
    if (signal.aborted) return { kind: 'unfinished' };
    const done = await visit(generation, group, signal);
    if (done.kind === 'failed') await noteFailed(group, done.error);
    return done;
  };

  return {
    /** Visits groups side by side, some at a time; notes those that fail. */
    async visitAll(generation: number, groups: readonly string[], signal: AbortSignal): Promise<readonly Visit[]> {
      const semaphore = createSemaphore(CONCURRENT_VISITS);
      return Promise.all(groups.map((group) => semaphore.run(() => visitOnce(generation, group, signal))));
    },

    /** Visits again whom somebody noted, and takes off the list whom that helps. */
    async revisitNoted(generation: number, signal: AbortSignal): Promise<'none-left' | 'some-left' | 'unfinished'> {
      let areLeft = false;
      let last: string | undefined;
      for (;;) {
        const noted = await state.failed(generation, last);
        if (noted.length === 0) return areLeft ? 'some-left' : 'none-left';
        for (const failed of noted) {
          const { kind } = await visit(generation, failed.group, signal);
          if (kind === 'unfinished') return 'unfinished';
          if (kind === 'visited') await state.resolveFailed(generation, failed);
          else areLeft = true;
          last = failed.group;
        }
      }
    },
  };
}
