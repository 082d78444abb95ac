/** Something that must be so once all has settled, as the run found it. */
export interface Invariant {
  readonly name: string;
  readonly holds: boolean;
  /** What was compared; where it does not hold, one line for each thing that is wrong. */
  readonly detail: readonly string[];
}

/** @param compared what there was to look at; @param wrong one line for each thing; none is well */
export const invariant = (name: string, compared: readonly string[], wrong: readonly string[]): Invariant => ({
  name,
  holds: wrong.length === 0,
  detail: wrong.length === 0 ? compared : wrong,
});

/** ` of tenant-2`; nothing in a deployment without tenants. */
export const ofTenant = (tenantId: string | undefined): string => (tenantId === undefined ? '' : ` of ${tenantId}`);
