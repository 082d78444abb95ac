import type { WaitingGroups } from '../consumer/index.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { type ResendDeps, type ResendResult, resend } from './resend.ts';

export interface ResendHeldDeps extends ResendDeps {
  readonly waiting: WaitingGroups;
  readonly limiter: RateLimiter;
}

/** Resends the event of every group whose event is a dead letter; those that are still being retried have their message. */
export async function* resendHeld(
  deps: ResendHeldDeps,
): AsyncGenerator<{ readonly group: string; readonly result: ResendResult }> {
  for await (const page of deps.waiting.list()) {
    for (const { group, cursor } of page) {
      if (cursor.blockedBy.state !== 'dead') continue;
      await deps.limiter.spend(1);
      yield { group, result: await resend(deps, group) };
    }
  }
}
