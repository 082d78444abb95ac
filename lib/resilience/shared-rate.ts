import type { Sleep } from '../shared/backoff.ts';
import { addMs, type Clock, type EpochMs } from '../shared/time.ts';
import { ExternalRateError } from './errors.ts';

/** The time up to which the calls of an external system are given out. */
export interface RatePosition {
  readonly nextAt: EpochMs;
  readonly revision: number;
}

/** Where containers share a rate. */
export interface RateLedger {
  /** MUST see every completed write. */
  read(): Promise<RatePosition | undefined>;
  /**
   * MUST be atomic.
   * @param before as it was read; undefined if there was none
   * @returns false if another container has written it since
   */
  write(before: RatePosition | undefined, nextAt: EpochMs): Promise<boolean>;
}

export interface SharedRateOptions {
  /** Of the external system, in messages. */
  readonly name: string;
  /** Above 0, up to 1000: 0.5 is a call each two seconds. */
  readonly ratePerSecond: number;
  readonly ledger: RateLedger;
  readonly clock: Clock;
  readonly sleep: Sleep;
}

/** A rate of calls that all containers share. */
export interface SharedRate {
  /**
   * Waits for the turn of one call, at most five seconds.
   * @throws ExternalRateError `EXTERNAL_RATE_REACHED` if it would take longer: the event waits, and no receive is used
   */
  take(): Promise<void>;
}

/** Longer waits are left to the queue. */
const LONGEST_WAIT_MS = 5_000;

/**
 * At most a second's worth of calls is taken at once, so that a container at work writes once a second. It begins with one
 * and takes twice as many each time: what it does not use is lost for the others.
 */
const TAKEN_MS = 1_000;
const MOST_TAKEN = 50;

/** A turn that was not used in so long is gone: else a container could save its turns and use them all at once. */
const TURN_ENDS_MS = 1_000;

const MOST_RACES = 5;

/** @throws RangeError for a rate that is not above 0 and at most 1000 */
export function createSharedRate({ name, ratePerSecond, ledger, clock, sleep }: SharedRateOptions): SharedRate {
  if (!(ratePerSecond > 0 && ratePerSecond <= 1000)) {
    throw new RangeError(`ratePerSecond of '${name}' must be above 0 and at most 1000, got ${ratePerSecond}`);
  }
  const intervalMs = 1000 / ratePerSecond;
  const mostTaken = Math.max(1, Math.min(MOST_TAKEN, Math.floor(TAKEN_MS / intervalMs)));
  let turns: readonly EpochMs[] = [];
  let count = 1;

  const nextTurn = (): EpochMs | undefined => {
    const now = clock.now();
    const [turn, ...rest] = turns.filter((each) => each > now - TURN_ENDS_MS);
    turns = rest;
    return turn;
  };

  const reserve = async (): Promise<void> => {
    for (let race = 1; race <= MOST_RACES; race++) {
      const now = clock.now();
      const before = await ledger.read();
      const startsAt = before === undefined || before.nextAt < now ? now : before.nextAt;
      const waitMs = startsAt - now;
      if (waitMs > LONGEST_WAIT_MS) throw new ExternalRateError(name, ratePerSecond, Math.ceil(waitMs / 1000));
      const at = (index: number): EpochMs => addMs(startsAt, Math.ceil(index * intervalMs));
      if (await ledger.write(before, at(count))) {
        turns = [...turns, ...Array.from({ length: count }, (_, index) => at(index))];
        count = Math.min(mostTaken, 2 * count);
        return;
      }
    }
    throw new ExternalRateError(name, ratePerSecond, 1);
  };

  // calls of one container wait for the same turns, instead of racing one another
  let reserving: Promise<void> | undefined;
  const takeTurns = (): Promise<void> => {
    reserving ??= reserve().finally(() => {
      reserving = undefined;
    });
    return reserving;
  };

  return {
    async take() {
      for (;;) {
        const turn = nextTurn();
        if (turn === undefined) {
          await takeTurns();
          continue;
        }
        const waitMs = turn - clock.now();
        if (waitMs > 0) await sleep(waitMs);
        return;
      }
    },
  };
}
