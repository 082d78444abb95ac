import type { Clock, EpochMs } from '../shared/time.ts';
import { TenantUnreadError } from './errors.ts';

/** Knows which tenants may work. Requests of the others are refused, and their events wait. */
export interface TenantDirectory {
  /**
   * It is asked for each request and event: it MUST answer from a cache. It MUST answer false for a tenant that does not
   * exist.
   * @throws TenantUnreadError `TENANT_UNREAD` if it is not known: the request is answered 503, and the event waits
   */
  isActive(tenantId: string): Promise<boolean>;
}

export interface TenantDirectoryOptions {
  /** Asks where tenants are kept: true for an active one, false for a suspended or unknown one. */
  readonly read: (tenantId: string) => Promise<boolean>;
  readonly clock: Clock;
  /** How long an answer is used, hence how long a change takes: 1 to 3600. @default 30 */
  readonly cacheSeconds?: number;
  /** Told when `read` fails and the last answer is used instead. @default - nobody */
  readonly onUnread?: (error: unknown) => void;
}

const DEFAULT_CACHE_SECONDS = 30;
/** After a failure; shorter, so that an outage does not outlast itself. */
const RETRY_MS = 1_000;
/** Tenants that a container remembers. */
const MOST_TENANTS = 10_000;

interface Known {
  readonly isActive: boolean;
  readonly until: EpochMs;
}

/**
 * Remembers who may work. One `read` answers all requests and events of a tenant for `cacheSeconds`. While `read` fails, the
 * last answer stays: a tenant that was active stays so, and one that was suspended, too.
 *
 * @example
 * const tenants = createTenantDirectory({ read: createDynamoDbTenantReader({ client, tableName }), clock: systemClock });
 *
 * @throws RangeError if `cacheSeconds` is out of range
 */
export function createTenantDirectory(options: TenantDirectoryOptions): TenantDirectory {
  const { read, clock, cacheSeconds = DEFAULT_CACHE_SECONDS, onUnread = () => undefined } = options;
  if (!(cacheSeconds >= 1 && cacheSeconds <= 3600)) {
    throw new RangeError(`cacheSeconds must be from 1 to 3600, got ${cacheSeconds}`);
  }
  const known = new Map<string, Known>();
  const asking = new Map<string, Promise<boolean>>();

  const remember = (tenantId: string, isActive: boolean, forMs: number) => {
    known.delete(tenantId);
    // the first one was asked for the longest time ago
    if (known.size >= MOST_TENANTS) known.delete(known.keys().next().value ?? '');
    known.set(tenantId, { isActive, until: (clock.now() + forMs) as EpochMs });
  };

  const ask = async (tenantId: string): Promise<boolean> => {
    try {
      const isActive = await read(tenantId);
      remember(tenantId, isActive, cacheSeconds * 1000);
      return isActive;
    } catch (error) {
      const last = known.get(tenantId);
      if (last === undefined) throw new TenantUnreadError({ cause: error });
      onUnread(error);
      remember(tenantId, last.isActive, RETRY_MS);
      return last.isActive;
    }
  };

  return {
    async isActive(tenantId) {
      const last = known.get(tenantId);
      if (last !== undefined && last.until > clock.now()) return last.isActive;
      const under = asking.get(tenantId) ?? ask(tenantId).finally(() => asking.delete(tenantId));
      asking.set(tenantId, under);
      return under;
    },
  };
}
