import { type CloudEvent, readGroup } from '../../../../lib/definitions/index.ts';
import type { TenantIds } from '../orders/shop-command.ts';
import { type Invariant, invariant } from './invariant.ts';

/** Follows the log's events from cause to effect. */
export interface EventTrail {
  addEvent(event: CloudEvent): void;
  /** Whether each event belongs to a tenant of the run by its group as well, and was caused by one of the same tenant. */
  checkIsolation(): Invariant;
}

export function createEventTrail(tenantIds: TenantIds): EventTrail {
  const known = new Set<string | undefined>(tenantIds);
  const tenantOf = new Map<string, string | undefined>();
  const caused: { readonly id: string; readonly type: string; readonly causeId: string }[] = [];
  const wrong: string[] = [];

  return {
    addEvent({ id, type, partitionkey, tenantid, causationid }) {
      tenantOf.set(id, tenantid);
      if (causationid !== undefined) caused.push({ id, type, causeId: causationid });
      if (!known.has(tenantid)) wrong.push(`${type} ${id} is of ${tenantid ?? 'no tenant'}`);
      const group = readGroup(partitionkey);
      if (group?.tenantId !== tenantid) {
        wrong.push(`${type} ${id} is of ${tenantid ?? 'no tenant'}, and its group is ${partitionkey}`);
      }
    },
    checkIsolation() {
      const crossed = caused.flatMap(({ id, type, causeId }) =>
        !tenantOf.has(causeId) || tenantOf.get(causeId) === tenantOf.get(id)
          ? []
          : [`${type} ${id} is of ${tenantOf.get(id)}, and was caused by ${causeId} of ${tenantOf.get(causeId)}`],
      );
      const compared = [`${tenantOf.size} events, ${caused.length} caused by another`];
      return invariant('isolation: events and their causes are of one tenant', compared, [...wrong, ...crossed]);
    },
  };
}
