import type { WaitingGroups } from '../ordering/index.ts';
import type { Pace } from './pace.ts';
import { type RingDeps, type RingResult, ring } from './ring.ts';

export interface RingHeldDeps extends RingDeps {
  readonly waiting: WaitingGroups;
  readonly pace: Pace;
}

/** Rings for every group whose event is a dead letter; those that are still being retried have their message. */
export async function* ringHeld(
  deps: RingHeldDeps,
): AsyncGenerator<{ readonly group: string; readonly result: RingResult }> {
  for await (const page of deps.waiting.list()) {
    for (const { group, cursor } of page) {
      if (cursor.waitingFor.state !== 'dead') continue;
      await deps.pace.spend(1);
      yield { group, result: await ring(deps, group) };
    }
  }
}
