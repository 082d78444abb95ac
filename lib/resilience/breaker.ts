import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  DelegateBackoff,
  handleWhen,
  isBrokenCircuitError,
  SamplingBreaker,
} from 'cockatiel';
import { addMs, type Clock, type EpochMs } from '../shared/time.ts';
import { BreakerOpenError } from './errors.ts';
import type { BreakerTrip, PolicyLimits } from './policy-options.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerChange {
  readonly from: BreakerState;
  readonly to: BreakerState;
}

/** The circuit breaker of one system in one container. */
export interface Breaker {
  state(): BreakerState;
  /** Whole seconds until an open breaker becomes half open; at least 1. */
  retryAfterSeconds(): number;
  /** @throws BreakerOpenError `BREAKER_OPEN` without calling `work` */
  execute<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

export interface BreakerDeps {
  readonly name: string;
  readonly limits: Required<PolicyLimits['breaker']>;
  readonly clock: Clock;
  /** Whether the error counts as a failure of the system. */
  readonly isFailure: (error: unknown) => boolean;
  /** Whether the error is caused by the caller and says nothing about the system. */
  readonly isInconclusive: (error: unknown) => boolean;
  readonly onChange: (change: BreakerChange) => void;
}

export function createBreaker({ name, limits, clock, isFailure, isInconclusive, onChange }: BreakerDeps): Breaker {
  let known: BreakerState = 'closed';
  let opensUntil: EpochMs = clock.now();
  let openMs = 0;
  /**
   * Called by cockatiel when the circuit opens, before `onStateChange`. `attempt` counts from 1 since the circuit was
   * closed.
   */
  const nextOpenMs = ({ attempt }: { readonly attempt: number }): number => {
    openMs = Math.min(limits.halfOpenAfterMs * 2 ** (attempt - 1), limits.halfOpenCapMs);
    return openMs;
  };
  const circuit = circuitBreaker(
    // an inconclusive trial call must not close the circuit
    handleWhen((error) => isFailure(error) || (known === 'half-open' && isInconclusive(error))),
    { breaker: tripOf(limits.trip), halfOpenAfter: new DelegateBackoff(nextOpenMs) },
  );
  circuit.onStateChange((state) => {
    const from = known;
    known = STATES[state];
    if (known === 'open') opensUntil = addMs(clock.now(), openMs);
    onChange({ from, to: known });
  });
  const retryAfterSeconds = () => Math.max(Math.ceil((opensUntil - clock.now()) / 1000), 1);

  return {
    state: () => known,
    retryAfterSeconds,
    async execute<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
      const outcomeOf = async (): Promise<{ readonly answer: T } | { readonly error: unknown }> => {
        try {
          return { answer: await work() };
        } catch (error) {
          if (isFailure(error) || isInconclusive(error)) throw error;
          // other errors are responses, such as refusals, and reset the count of consecutive failures
          return { error };
        }
      };
      try {
        const outcome = await circuit.execute(outcomeOf, signal);
        if ('answer' in outcome) return outcome.answer;
        throw outcome.error;
      } catch (error) {
        if (!isBrokenCircuitError(error)) throw error;
        const { lastFailure } = circuit;
        const cause = lastFailure !== undefined && 'error' in lastFailure ? lastFailure.error : undefined;
        throw new BreakerOpenError(name, retryAfterSeconds(), { cause });
      }
    },
  };
}

const STATES: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Isolated]: 'open',
};

const tripOf = (trip: BreakerTrip) =>
  'consecutiveFailures' in trip
    ? new ConsecutiveBreaker(trip.consecutiveFailures)
    : new SamplingBreaker({
        threshold: trip.failureRatio,
        duration: trip.windowMs,
        minimumRps: trip.minCallsPerSecond,
      });
