import { setTimeout } from 'node:timers/promises';
import { type DrivenRun, driveTime } from '../drive-time.ts';
import type { UndeliverableEvents } from './undeliverable-events.ts';

/** How soon an operator is there. */
const LOOK_EVERY_MS = 2_000;

/** What the operator's command has received and could not send is hidden for as long, and a standard queue may hold a message back. */
const HIDDEN_MS = 150_000;

/** Each round ends with less that is undeliverable, since a plan's faults are limited. */
const MOST_ROUNDS = 50;

/** Has what becomes undeliverable delivered until the work has ended; a command that fails is repeated at the next look. */
export async function whileWorking<Result>(
  work: Promise<Result>,
  undeliverable: Pick<UndeliverableEvents, 'deliver' | 'waiting'>,
): Promise<Result> {
  const ended = new AbortController();
  const look = async () => {
    while (!ended.signal.aborted) {
      await setTimeout(LOOK_EVERY_MS, undefined, { signal: ended.signal }).catch(() => undefined);
      if (ended.signal.aborted || undeliverable.waiting() === 0) continue;
      // a deployment under way may take a queue or a function from under it
      await undeliverable.deliver().catch(() => undefined);
    }
  };
  const looking = look();
  try {
    return await work;
  } finally {
    ended.abort();
    await looking;
  }
}

export interface SettleWithOperatorDeps {
  readonly run: DrivenRun;
  readonly undeliverable: Pick<UndeliverableEvents, 'deliver' | 'waiting'>;
  readonly signal: AbortSignal;
}

/** Settles a run, and delivers what is undeliverable by then, until nothing is. */
export async function settleWithOperator({ run, undeliverable, signal }: SettleWithOperatorDeps): Promise<void> {
  for (let round = 0; ; round++) {
    await whileWorking(driveTime(run, { signal }), undeliverable);
    if (undeliverable.waiting() === 0 || round === MOST_ROUNDS) return;
    if ((await undeliverable.deliver()) === 0) run.clock.advance(HIDDEN_MS);
  }
}
