import { isTenantId } from 'waybill';
import type { Tenancy } from 'waybill/tenancy';

/** Names that carry their tenant in front, where the deployment has tenants: `acme.c-1`. */
export interface Realm {
  /** Puts the current tenant in front. */
  nameOf(id: string): string;
  /** @returns undefined for a name that is none of this deployment */
  read(name: string): { readonly tenantId: string | undefined; readonly id: string } | undefined;
  /**
   * Runs as the tenant that somebody names who is not known yet. Nothing is allowed by it: the password, secret or token
   * that is compared belongs to this tenant, and so does what it opens.
   * @returns undefined if there is no such tenant
   */
  runAs<Value>(tenantId: string | undefined, work: () => Promise<Value>): Promise<Value | undefined>;
}

export function createRealm(tenancy: Pick<Tenancy, 'mode' | 'currentTenant' | 'runAsTenant'>): Realm {
  const isRequired = tenancy.mode === 'required';
  return {
    nameOf(id) {
      const tenantId = tenancy.currentTenant();
      return isRequired && tenantId !== undefined ? `${tenantId}.${id}` : id;
    },
    read(name) {
      if (!isRequired) return { tenantId: undefined, id: name };
      const dot = name.indexOf('.');
      const tenantId = name.slice(0, Math.max(dot, 0));
      return isTenantId(tenantId) ? { tenantId, id: name.slice(dot + 1) } : undefined;
    },
    async runAs(tenantId, work) {
      if (!isRequired) return work();
      return isTenantId(tenantId) ? tenancy.runAsTenant(tenantId, work) : undefined;
    },
  };
}
