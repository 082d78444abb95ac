import type { EngineClock } from '../../../../local/clock.ts';
import { createRandom } from '../../../../local/seeded-random.ts';
import type { SystemName } from './foreign-system.ts';
import type { PageFault } from './suppliers/page-faults.ts';

/** Trouble that an external system can make of one request. */
export type ExternalFault =
  /** It fails before it does anything: 500, 502, 503 … */
  | { readonly kind: 'error'; readonly status: number; readonly retryAfterSeconds?: number }
  /** 429: it does nothing, and asks to be called again then. */
  | { readonly kind: 'throttle'; readonly retryAfterSeconds: number }
  /** It does what is asked, and never answers. */
  | { readonly kind: 'hang' }
  /** The connection is reset; before or after it did what is asked. */
  | { readonly kind: 'reset'; readonly when: 'before' | 'after' }
  /** It does what is asked, and half of its answer arrives. */
  | { readonly kind: 'malformed' }
  /** It does what is asked, and answers something else than it should. */
  | { readonly kind: 'odd'; readonly body: unknown; readonly status?: number }
  /** It answers that late. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** It refuses for good: the gateway declines with this code, the carrier takes no parcel. */
  | { readonly kind: 'refuse'; readonly code: string }
  /** Of a page of a supplier's feed. */
  | PageFault;

/** Decides over each request; undefined leaves it alone. */
export type ExternalFaultPlan = (request: {
  readonly system: SystemName;
  readonly path: string;
  /** Empty for a question, which changes nothing. */
  readonly idempotencyKey: string;
}) => ExternalFault | undefined;

/** One request of so many is disturbed. */
const DEFAULT_ONE_IN = 20;

/** Trouble of a single request: every kind that ends, so that a run under it ends as well. */
const MISHAPS: readonly ExternalFault[] = [
  { kind: 'error', status: 500 },
  { kind: 'error', status: 503, retryAfterSeconds: 1 },
  { kind: 'throttle', retryAfterSeconds: 1 },
  { kind: 'throttle', retryAfterSeconds: 20 },
  { kind: 'hang' },
  { kind: 'reset', when: 'before' },
  { kind: 'reset', when: 'after' },
  { kind: 'reset', when: 'after' },
  { kind: 'malformed' },
  { kind: 'slow', delayMs: 150 },
];

/** One piece of trouble of so many is the beginning of an outage. */
const OUTAGE_ONE_IN = 12;

/** Requests that an outage lasts for at most: more than a breaker takes to open. */
const OUTAGE_REQUESTS = 12;

/** And how long: less than a breaker lets nothing through, so that its first trial call finds the system back. */
const OUTAGE_MS = 8_000;

/**
 * So often is one piece of work disturbed: some of these cost a receive each, which together with what else chaos does to
 * a message leaves it receives enough.
 */
const MOST_PER_KEY = 2;

/**
 * Mishaps of all kinds, and outages now and then; the same kinds in the same order for the same seed. Which requests
 * they hit depends on the order in which requests come, and how many an outage hits on how fast.
 * @param oneIn one of so many requests is disturbed, 2 or more. @default 20
 */
export function planExternalChaos(
  seed: number,
  clock: Pick<EngineClock, 'now'>,
  oneIn: number = DEFAULT_ONE_IN,
): ExternalFaultPlan {
  const random = createRandom(seed);
  const outages = new Map<SystemName, { readonly requestsLeft: number; readonly until: number }>();
  const disturbed = new Map<string, number>();

  const draw = (system: SystemName): ExternalFault | undefined => {
    const outage = outages.get(system);
    if (outage !== undefined && outage.requestsLeft > 0 && clock.now() < outage.until) {
      outages.set(system, { ...outage, requestsLeft: outage.requestsLeft - 1 });
      return { kind: 'error', status: 503 };
    }
    if (random() * oneIn >= 1) return undefined;
    if (random() * OUTAGE_ONE_IN < 1) {
      outages.set(system, { requestsLeft: OUTAGE_REQUESTS, until: clock.now() + OUTAGE_MS });
    }
    return MISHAPS[Math.floor(random() * MISHAPS.length)];
  };

  return ({ system, idempotencyKey }) => {
    const fault = draw(system);
    if (idempotencyKey === '') return fault;
    const key = `${system} ${idempotencyKey}`;
    const before = disturbed.get(key) ?? 0;
    if (fault === undefined || before >= MOST_PER_KEY) return undefined;
    disturbed.set(key, before + 1);
    return fault;
  };
}
