import type { Logger } from '@aws-lambda-powertools/logger';
import { inTime } from '../shared/deadline.ts';
import { loggable } from '../shared/thrown.ts';
import { AfterCommitDeadlineError } from './errors.ts';
import type { HandlerContext } from './handlers.ts';

type Action = Parameters<HandlerContext['afterCommit']>[0];

/** What a handler wants done once its work is committed. */
export interface AfterCommit {
  readonly afterCommit: HandlerContext['afterCommit'];
  /** Drops what was asked for: the handler runs again. */
  forget(): void;
  /** Runs the actions one after another, as long as there is time; what goes wrong is a warning. Never throws. */
  run(): Promise<void>;
}

export function collectAfterCommit(log: Logger, signal: AbortSignal): AfterCommit {
  const actions: Action[] = [];
  let isOver = false;
  return {
    afterCommit(action) {
      if (isOver) log.warn('afterCommit was called when all was done: call it before the handler returns');
      else actions.push(action);
    },
    forget: () => void actions.splice(0),
    async run() {
      // grows while it is walked through: an action may ask for another
      for (const [index, action] of actions.entries()) {
        try {
          const late = () => new AfterCommitDeadlineError(actions.length - index);
          if (signal.aborted) throw late();
          await inTime((async () => action())(), signal, late);
        } catch (error) {
          log.warn('an action after the commit failed: the event is handled all the same', { error: loggable(error) });
          if (signal.aborted) break;
        }
      }
      isOver = true;
    },
  };
}
