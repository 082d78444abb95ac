import { createHash } from 'node:crypto';
import type { ClientLimit } from '../definitions/index.ts';
import { type Clock, type EpochMs, toEpochSeconds } from '../shared/time.ts';
import type { ClientUsage } from './ports.ts';

export interface ClientLimiterOptions {
  readonly usage: ClientUsage;
  readonly clock: Clock;
  /** Told when the count cannot be kept; the request is admitted. */
  readonly onUnavailable: (error: unknown) => void;
}

export interface ClientLimiter {
  /**
   * Counts one request. Admits it if the count cannot be kept.
   * @param counter what is counted apart, such as the route
   * @returns seconds after which the client may try again; undefined if it is admitted
   */
  refusalOf(counter: string, client: string, limit: ClientLimit): Promise<number | undefined>;
}

interface Lease {
  readonly windowEnd: EpochMs;
  left: number;
}

/** One call of DynamoDB serves this share of a window's requests. */
const LEASES_PER_WINDOW = 10;
const LARGEST_LEASE = 50;
/** Windows that a container remembers. */
const MOST_LEASES = 10_000;

/**
 * Limits requests per client and fixed window of time, over all containers: each container leases requests in advance, by
 * one conditional update. What it has leased and not used is lost at the end of the window.
 */
export function createClientLimiter({ usage, clock, onUnavailable }: ClientLimiterOptions): ClientLimiter {
  const leases = new Map<string, Lease>();

  const remember = (id: string, lease: Lease) => {
    // the oldest are first, and those of ended windows are of no use
    for (const [old, { windowEnd }] of leases) {
      if (windowEnd > clock.now() && leases.size < MOST_LEASES) break;
      leases.delete(old);
    }
    leases.set(id, lease);
  };

  return {
    async refusalOf(counter, client, { requests, seconds }) {
      const now = clock.now();
      const window = Math.floor(now / (seconds * 1000));
      const windowEnd = ((window + 1) * seconds * 1000) as EpochMs;
      const retryAfterSeconds = Math.max(1, Math.ceil((windowEnd - now) / 1000));
      // hashed: it may be an address, and a tenant's subjects must not be told apart from another's by chance
      const id = `clients#${createHash('sha256')
        .update(JSON.stringify([counter, client, window, seconds]))
        .digest('base64url')}`;
      const known = leases.get(id);
      if (known !== undefined) {
        if (known.left === 0) return retryAfterSeconds;
        if (known.left > 1) {
          known.left--;
          return undefined;
        }
        // the last one of the lease: the next request asks anew
        leases.delete(id);
        return undefined;
      }
      try {
        const lease = Math.min(LARGEST_LEASE, Math.max(1, Math.floor(requests / LEASES_PER_WINDOW)));
        const granted = await usage.lease({ id, lease, limit: requests, expires: toEpochSeconds(windowEnd) });
        if (granted === 1) return undefined;
        remember(id, { windowEnd, left: Math.max(0, granted - 1) });
        return granted === 0 ? retryAfterSeconds : undefined;
      } catch (error) {
        onUnavailable(error);
        return undefined;
      }
    },
  };
}
