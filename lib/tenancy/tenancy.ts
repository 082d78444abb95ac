import { AsyncLocalStorage } from 'node:async_hooks';
import { assertTenantId, type TenancyMode, type TenantResolver } from '../contracts/index.ts';
import { TenantMismatchError, TenantMissingError, TenantReasonError } from './errors.ts';

/** Hears of work that leaves its tenant. */
export interface TenancyAudit {
  /** @param atWork the tenant whose work it was, undefined where there was none */
  crossTenantWork(reason: string, atWork: string | undefined): void;
}

/** Whose work is being done: known to everything that the work awaits, starts and calls, and to nothing else. */
export interface Tenancy extends TenantResolver {
  readonly mode: TenancyMode;
  /** Undefined outside of any tenant's work. */
  currentTenant(): string | undefined;
  /**
   * Runs `work`, and whatever it starts, as the tenant's.
   * @param tenantId undefined for a command or event that names none, which `mode: 'none'` lets pass
   * @throws TenantMissingError `TENANT_MISSING` in `mode: 'required'`
   * @throws TenantIdError `TENANT_INVALID`
   * @throws TenantMismatchError `TENANT_MISMATCH` where another tenant is at work
   */
  runAsTenant<Value>(tenantId: string | undefined, work: () => Value): Value;
  /**
   * Runs `work` for no tenant: tables show their keys as they are stored, and `runAsTenant` may be called for any
   * tenant. The audit hears of it before it begins.
   * @throws TenantReasonError `TENANT_REASON_MISSING`
   */
  withoutTenant<Value>(reason: string, work: () => Value): Value;
  /**
   * What stands in front of the tenant's keys: nothing in `mode: 'none'` and within `withoutTenant`.
   * @throws TenantMissingError `TENANT_MISSING` in `mode: 'required'` where no tenant is at work
   */
  keyPrefix(): string;
  /** A key for a cache that tenants share: no tenant finds what another has put there. @throws as `keyPrefix` */
  cacheKey(key: string): string;
}

export interface TenancyOptions {
  readonly mode: TenancyMode;
  readonly audit: TenancyAudit;
}

/** `left`: deliberately for no tenant. */
interface AtWork {
  readonly tenantId: string | undefined;
  readonly left: boolean;
}

/** A tenant id has no such sign, so that the first one ends it. */
const KEY_SEPARATOR = '#';

/** One for all that a container does: what one tenancy runs, another knows nothing of. */
export function createTenancy({ mode, audit }: TenancyOptions): Tenancy {
  const storage = new AsyncLocalStorage<AtWork>();
  const currentTenant = () => storage.getStore()?.tenantId;

  const tenantOf = (named: string | undefined, what: string): string | undefined => {
    const atWork = currentTenant();
    if (named !== undefined) assertTenantId(named);
    if (atWork !== undefined && named !== undefined && atWork !== named) throw new TenantMismatchError(atWork, named);
    const tenantId = atWork ?? named;
    if (tenantId === undefined && mode === 'required') throw new TenantMissingError(what);
    return tenantId;
  };

  const keyPrefix = () => {
    const { tenantId, left = false } = storage.getStore() ?? {};
    if (mode === 'none' || left) return '';
    if (tenantId === undefined) throw new TenantMissingError('the work on a key');
    return `${tenantId}${KEY_SEPARATOR}`;
  };

  return {
    mode,
    currentTenant,
    tenantOf,
    keyPrefix,
    cacheKey: (key) => `${keyPrefix()}${key}`,
    runAsTenant(tenantId, work) {
      const atWork = currentTenant();
      if (atWork !== undefined && tenantId === undefined) throw new TenantMismatchError(atWork, tenantId);
      return storage.run({ tenantId: tenantOf(tenantId, 'the work'), left: false }, work);
    },
    withoutTenant(reason, work) {
      if (typeof reason !== 'string' || reason.trim() === '') throw new TenantReasonError(reason);
      audit.crossTenantWork(reason, currentTenant());
      return storage.run({ tenantId: undefined, left: true }, work);
    },
  };
}
