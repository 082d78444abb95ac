import { WaybillError } from './waybill-error.ts';

/** `none`: the deployment has one owner, keys stay as they are. `required`: nothing is opened without a tenant. */
export type TenancyMode = 'none' | 'required';

/** No separator of keys or groups is in it, so that a tenant in front of anything can be told from what follows. */
const TENANT_ID_PATTERN = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** A text that is to name a tenant cannot. */
export class TenantIdError extends WaybillError {
  readonly code = 'TENANT_INVALID';
  override readonly disposition = 'permanent';

  constructor(value: unknown) {
    const got = typeof value === 'string' ? `'${value.slice(0, 80)}'` : typeof value;
    super(
      `a tenant id must be 1 to 40 lower-case letters, digits and '-', not starting with '-', such as 'acme-2', got ${got}`,
    );
  }
}

export const isTenantId = (value: unknown): value is string =>
  typeof value === 'string' && TENANT_ID_PATTERN.test(value);

/** @throws TenantIdError `TENANT_INVALID` */
export function assertTenantId(value: unknown): asserts value is string {
  if (!isTenantId(value)) throw new TenantIdError(value);
}

const TENANT_MARK = 'tenant:';

/**
 * A group as it stands in the log, on the queue and in cursors: with its tenant in front, where there is one. So two
 * tenants may both have an order 1001.
 */
export const groupOf = (tenantId: string | undefined, group: string): string =>
  tenantId === undefined ? group : `${TENANT_MARK}${tenantId}:${group}`;

/** What a `partitionkey` says. */
export interface GroupParts {
  readonly tenantId: string | undefined;
  /** As the event's definition gave it. */
  readonly group: string;
}

/** Undefined where the text begins as a tenant's group does, and names no tenant or no group. */
export function readGroup(partitionkey: string): GroupParts | undefined {
  if (!partitionkey.startsWith(TENANT_MARK)) return { tenantId: undefined, group: partitionkey };
  const [tenantId, ...rest] = partitionkey.slice(TENANT_MARK.length).split(':');
  const group = rest.join(':');
  return isTenantId(tenantId) && group !== '' ? { tenantId, group } : undefined;
}

/** Whether an event was published without a group: it is then a group of its own, its id. */
export const standsAlone = (partitionkey: string, eventId: string): boolean =>
  readGroup(partitionkey)?.group === eventId;

/** Says whose an event is that is about to be published. */
export interface TenantResolver {
  /**
   * Whom an event belongs to: the tenant at work, else the one that it names.
   * @throws TenantMissingError `TENANT_MISSING` in `mode: 'required'` where there is neither
   * @throws TenantIdError `TENANT_INVALID`
   * @throws TenantMismatchError `TENANT_MISMATCH` where they differ
   */
  tenantOf(named: string | undefined, what: string): string | undefined;
}
