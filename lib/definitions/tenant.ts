import { WaybillError } from './waybill-error.ts';

/** `none`: a deployment without tenants; keys have no prefix. `required`: every access needs a tenant. */
export type TenancyMode = 'none' | 'required';

/** Does not allow separators of keys and groups, so that a prefix is unambiguous. */
const TENANT_ID_PATTERN = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** The id of a tenant is not valid. */
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
 * The stored form of a group, in the log, on the queue and in cursors: with the tenant's prefix, if any. Two tenants
 * can therefore both have an order 1001.
 */
export const groupOf = (tenantId: string | undefined, group: string): string =>
  tenantId === undefined ? group : `${TENANT_MARK}${tenantId}:${group}`;

/** The parts of a `partitionkey`. */
export interface GroupParts {
  readonly tenantId: string | undefined;
  /** The group from the event's definition. */
  readonly group: string;
}

/** Reads a stored group; undefined if it has a tenant's prefix without a valid tenant or group. */
export function readGroup(partitionkey: string): GroupParts | undefined {
  if (!partitionkey.startsWith(TENANT_MARK)) return { tenantId: undefined, group: partitionkey };
  const [tenantId, ...rest] = partitionkey.slice(TENANT_MARK.length).split(':');
  const group = rest.join(':');
  return isTenantId(tenantId) && group !== '' ? { tenantId, group } : undefined;
}

/** Whether an event was published without a group: its id is then its group. */
export const standsAlone = (partitionkey: string, eventId: string): boolean =>
  readGroup(partitionkey)?.group === eventId;

/** Determines the tenant of an event that is published. */
export interface TenantResolver {
  /**
   * Returns the tenant of an event: the current tenant, otherwise the given one.
   * @throws TenantMissingError `TENANT_MISSING` in `mode: 'required'` if there is neither
   * @throws TenantIdError `TENANT_INVALID`
   * @throws TenantMismatchError `TENANT_MISMATCH` if they differ
   */
  tenantOf(named: string | undefined, what: string): string | undefined;
}
