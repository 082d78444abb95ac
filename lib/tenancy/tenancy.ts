import { AsyncLocalStorage } from 'node:async_hooks';
import { assertTenantId, type TenancyMode, type TenantResolver } from '../definitions/index.ts';
import { TenantMismatchError, TenantMissingError, TenantReasonError } from './errors.ts';

/** Records work that runs without a tenant. */
export interface TenancyAudit {
  /** @param atWork the tenant that the caller ran as; undefined if none */
  crossTenantWork(reason: string, atWork: string | undefined): void;
}

/** Keeps the current tenant in an `AsyncLocalStorage`. */
export interface Tenancy extends TenantResolver {
  readonly mode: TenancyMode;
  /** The tenant that the code runs as; undefined if none. */
  currentTenant(): string | undefined;
  /**
   * Runs `work`, and everything that it starts, as the tenant.
   * @param tenantId undefined for a command or event without a tenant, which `mode: 'required'` refuses
   * @throws TenantMissingError `TENANT_MISSING` in `mode: 'required'`
   * @throws TenantIdError `TENANT_INVALID`
   * @throws TenantMismatchError `TENANT_MISMATCH` if the code runs as another tenant
   */
  runAsTenant<Value>(tenantId: string | undefined, work: () => Value): Value;
  /**
   * Runs `work` without a tenant: tables use stored keys, and `runAsTenant` accepts any tenant. Writes to the audit
   * first.
   * @throws TenantReasonError `TENANT_REASON_MISSING`
   */
  withoutTenant<Value>(reason: string, work: () => Value): Value;
  /**
   * The prefix of the tenant's keys; empty in `mode: 'none'` and within `withoutTenant`.
   * @throws TenantMissingError `TENANT_MISSING` in `mode: 'required'` without a tenant
   */
  keyPrefix(): string;
  /** Adds the tenant to a key of a cache that tenants share. @throws the same errors as `keyPrefix` */
  cacheKey(key: string): string;
}

export interface TenancyOptions {
  readonly mode: TenancyMode;
  readonly audit: TenancyAudit;
}

/** `left` is true within `withoutTenant`. */
interface AtWork {
  readonly tenantId: string | undefined;
  readonly left: boolean;
}

/** A tenant id does not contain this character. */
const KEY_SEPARATOR = '#';

/** Creates a tenancy. Use one per container: tenancies do not share the current tenant. */
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
