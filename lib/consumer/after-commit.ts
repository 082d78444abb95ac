import type { Logger } from '@aws-lambda-powertools/logger';
import { inTime } from '../shared/deadline.ts';
import { loggable } from '../shared/thrown.ts';
import { AfterCommitDeadlineError } from './errors.ts';
import type { HandlerContext } from './handlers.ts';

type Action = Parameters<HandlerContext['afterCommit']>[0];

/** Collects actions to run after the commit. */
export interface AfterCommit {
  readonly afterCommit: HandlerContext['afterCommit'];
  /** Drops the collected actions because the handler runs again. */
  forget(): void;
  /** Runs the actions one after another within the remaining time. Errors are logged as warnings. Never throws. */
  run(): Promise<void>;
}

export function collectAfterCommit(log: Logger, signal: AbortSignal): AfterCommit {
  const actions: Action[] = [];
  let haveRun = false;
  return {
    afterCommit(action) {
      if (haveRun) log.warn('afterCommit was called after the actions had run: call it before the handler returns');
      else actions.push(action);
    },
    forget: () => void actions.splice(0),
    async run() {
      // an action may add further actions while this loop runs
      for (const [index, action] of actions.entries()) {
        try {
          const late = () => new AfterCommitDeadlineError(actions.length - index);
          if (signal.aborted) throw late();
          await inTime((async () => action())(), signal, late);
        } catch (error) {
          log.warn('an afterCommit action failed; the event stays handled', { error: loggable(error) });
          if (signal.aborted) break;
        }
      }
      haveRun = true;
    },
  };
}
